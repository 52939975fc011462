"""The lab: the Textual app, how tables are opened, how it is left."""
