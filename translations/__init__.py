"""The ground floor: alphabets, language identification, machine translation. Imports nothing of the hub's other rooms."""
