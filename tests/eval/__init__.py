"""Measures understanding on a small set written by hand and never trained on: `python -m tests.eval`."""
