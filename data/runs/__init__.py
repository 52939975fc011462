"""The run history: a SQLite database, what writes to it, queries, and how a run is resumed."""
