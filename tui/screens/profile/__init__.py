"""The portrait of the table: its columns one by one, their correlations, and two of them as points."""
