"""Everything read from or written to disk: tables, models, the run history."""
