"""Measures okrsync beside a plain loop over the client libraries, against the sandbox."""
