"""The wire: each provider's format to and from the hub's neutral messages. Knows no tables, no router, no web framework."""
