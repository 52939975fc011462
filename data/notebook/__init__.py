"""The public surface, for notebooks: tables in, runs and models out, each shown as it is worth looking at."""
