"""What says when to look: one process by itself, or many that share a queue. Both run the same pass."""
