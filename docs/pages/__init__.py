"""Pages of reference, each made from what the program declares; `python -m docs.make` writes them."""
