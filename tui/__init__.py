"""Keys and screen: the lab, and the command line beside it."""
