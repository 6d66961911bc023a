"""What every fault of every tool does to the key results, tried out and written down in docs/faults.md."""
