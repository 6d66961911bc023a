"""Engines decide when to look: one process alone, or several that share a queue. Both run the same pass."""
