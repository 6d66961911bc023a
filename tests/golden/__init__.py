"""Worked examples in the form of users' own tests."""
