"""Publishes what is recorded: what each place is to say, what is due, and how it is written exactly once."""
