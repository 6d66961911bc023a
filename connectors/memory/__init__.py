"""A tool without a network: its numbers stand in the configuration. For tests, examples and trying things out."""
