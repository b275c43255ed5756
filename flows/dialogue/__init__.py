"""Flows: small dialogues of nodes that lead a person through more than one step. Pure: the moment and the place are passed in.

`graph` is the model, `engine` walks it, `reading` understands typed answers, `check` finds what is broken before it is live,
`transcript` plays whole dialogues from files.
"""
