"""What the hub says and why. Pure: no clock, no database, no network; dates and ids are passed in."""
