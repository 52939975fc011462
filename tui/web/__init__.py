"""The lab in a browser: a small web server, and a process of its own for each visitor."""
