"""Tables: a file of any dialect becomes a Table, every problem located."""
