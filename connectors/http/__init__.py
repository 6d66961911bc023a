"""One number from any JSON API."""
