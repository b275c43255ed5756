"""Friendly invented names for contacts, and masks for their addresses: what staff see instead of who it is."""

import secrets

COLOURS = (
    "Blaue", "Gelbe", "Grüne", "Helle", "Kleine", "Lila", "Muntere", "Ruhige", "Rote", "Sanfte", "Silberne", "Weiße",
)  # fmt: skip
BIRDS = (
    "Amsel", "Bachstelze", "Drossel", "Elster", "Ente", "Eule", "Gans", "Lerche", "Meise", "Möwe", "Nachtigall",
    "Schwalbe", "Taube", "Wachtel",
)  # fmt: skip


def invent_name() -> str:
    """A name that says nothing about the person; the number keeps two birds of a feather apart."""
    return f"{secrets.choice(COLOURS)} {secrets.choice(BIRDS)} {secrets.randbelow(90) + 10}"


def mask(address: str) -> str:
    """'+49 … 42' for phone numbers, '… 4711' for other ids: enough to compare, too little to call."""
    if address.startswith("+"):
        return f"{address[:3]} … {address[-2:]}"
    return f"… {address[-4:]}"
