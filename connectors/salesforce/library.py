"""What we use of simple-salesforce. It would load a SOAP library for an interface that we never ask."""

from __future__ import annotations

from connectors.spared import later

with later("zeep", "zeep.proxy", "zeep.xsd"):
    from simple_salesforce.api import Salesforce
    from simple_salesforce.exceptions import SalesforceAuthenticationFailed, SalesforceError
    from simple_salesforce.login import SalesforceLogin

__all__ = ["Salesforce", "SalesforceAuthenticationFailed", "SalesforceError", "SalesforceLogin"]
