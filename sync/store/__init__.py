"""What was read, what was checked in, and how each key result fared, kept in SQLite or PostgreSQL."""
