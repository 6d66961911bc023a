"""A Jira site, Cloud or Data Center: search by JQL, counts, fields, histories, boards; and Atlassian's gateway."""

from sandbox.jira.gateway import Gateway
from sandbox.jira.site import JiraSite

__all__ = ["Gateway", "JiraSite"]
