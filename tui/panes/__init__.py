"""The four panes of the lab: Data, Settings, Error, Result."""
