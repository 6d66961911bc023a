"""HTTP, thin over `sync` and `views`."""
