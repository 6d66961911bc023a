"""One number from a database, by a query that only reads."""
