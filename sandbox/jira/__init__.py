"""A Jira site, Cloud or Data Center: search by JQL, counts, fields, issues."""

from sandbox.jira.site import JiraSite

__all__ = ["JiraSite"]
