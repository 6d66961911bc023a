"""The sections of the connectors' contract, one for each capability and concern."""
