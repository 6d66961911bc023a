"""Publishes what is recorded: what each place must say, what is due, and how okrsync writes it exactly once."""
