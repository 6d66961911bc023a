"""A Salesforce org that answers the REST API: OAuth sign-in, SOQL, composite requests, limits, reports."""

from sandbox.salesforce.org import SalesforceOrg

__all__ = ["SalesforceOrg"]
