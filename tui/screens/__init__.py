"""What opens over the panes: questions, help, the choice of a table."""
