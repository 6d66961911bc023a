"""Jira: issues counted and summed by JQL."""
