"""Epochal: small neural networks on tables, trained and judged so that nobody is fooled.

The library is imported from its rooms, `epochal.core` (mathematics on arrays), `epochal.data` (files) and
`epochal.tui` (keys and screen); the usual way in stands here.
"""

__version__ = "0.1.0"
