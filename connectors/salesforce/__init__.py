"""Salesforce: aggregates asked by SOQL over the REST API."""
