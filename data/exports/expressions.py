"""Activations written out in another language, from the graph of operators that each has."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from epochal.core.network.activation import SUMS, Expression

Operators = Mapping[str, Callable[..., str]]
"""For each operator of a graph, what it is of its operands, as texts."""


def written_out(expression: Expression, sums: str, operators: Operators) -> str:
    """The expression of these sums in the language of the operators."""
    if expression == SUMS:
        return sums
    if not isinstance(expression, tuple):
        return number(float(expression))
    operator, *operands = expression
    return operators[str(operator)](*(written_out(one, sums, operators) for one in operands))


def number(value: float) -> str:
    """A number that reads back to the same bits, in parentheses where it is negative."""
    text = repr(float(value))
    return f"({text})" if text[0] == "-" else text


def sum_of(terms: Sequence[str]) -> str:
    """A sum in pairs of pairs: no language reads a thousand operators one inside the other."""
    if len(terms) <= 2:
        return " + ".join(terms) or "0.0"
    middle = len(terms) // 2
    return f"({sum_of(terms[:middle])}) + ({sum_of(terms[middle:])})"
