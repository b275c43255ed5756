"""The hub: intake, router, outbox, cases and the pages around them."""
