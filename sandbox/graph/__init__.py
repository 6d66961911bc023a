"""A Microsoft 365 tenant: the Entra token endpoint, and Graph over workbooks, lists, plans, users and reports."""

from sandbox.graph.tenant import GraphTenant

__all__ = ["GraphTenant"]
