"""JSON as its schema declares it, or as a command prints it: one line for each key, by its path."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator, Mapping
from textwrap import dedent
from typing import Any

from pydantic import BaseModel

from docs.pages.markdown import cell, code, table

Line = tuple[str, str, str]
"""A key's path, what its value may be, and what it is."""

WORDS = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "null": "null",
    "object": "object",
    "array": "list",
}


def schema_table(schema: type[BaseModel], told: Mapping[str, type]) -> str:
    """A table of every key; `told` are the classes whose attributes say what those of a schema are."""
    whole = schema.model_json_schema()
    lines = _of_object(whole, whole.get("$defs", {}), "", told)
    return table(("key", "value", "what it is"), [(code(p), cell(v), cell(w)) for p, v, w in lines])


def _of_object(
    part: Mapping[str, Any], parts: Mapping[str, Any], path: str, told: Mapping[str, type]
) -> Iterator[Line]:
    said = attribute_docstrings(told[part["title"]]) if part.get("title") in told else {}
    for name, declared in part.get("properties", {}).items():
        place = f"{path}.{name}" if path else name
        below = list(_objects(declared, parts))
        about = declared.get("description") or said.get(name) or " ".join(_first(one) for one in below)
        yield place, _in_words(declared, parts), about
        for one in below:
            yield from _of_object(one, parts, place + ("[]" if _is_list(declared) else ""), told)


def _objects(declared: Mapping[str, Any], parts: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The objects that a value may be, or may be a list of."""
    if "$ref" in declared:
        yield parts[declared["$ref"].rpartition("/")[2]]
    for one in (*declared.get("anyOf", ()), *declared.get("oneOf", ())):
        yield from _objects(one, parts)
    if isinstance(declared.get("items"), dict):
        yield from _objects(declared["items"], parts)


def _is_list(declared: Mapping[str, Any]) -> bool:
    return declared.get("type") == "array" or any(map(_is_list, declared.get("anyOf", ())))


def _first(declared: Mapping[str, Any]) -> str:
    return " ".join(str(declared.get("description", "")).split("\n\n")[0].split())


def _in_words(declared: Mapping[str, Any], parts: Mapping[str, Any]) -> str:
    if choices := [*declared.get("anyOf", ()), *declared.get("oneOf", ())]:
        return " or ".join(dict.fromkeys(_in_words(one, parts) for one in choices))
    if "$ref" in declared:
        return "object"
    if "enum" in declared:
        return " or ".join(map(str, declared["enum"]))
    if "const" in declared:
        return str(declared["const"])
    if declared.get("type") == "array" and isinstance(declared.get("items"), dict):
        return f"list of {_in_words(declared['items'], parts)}"
    return WORDS.get(str(declared.get("type")), "any")


def value_table(value: object) -> str:
    """A table of every key of a value that a command printed."""
    lines = dict.fromkeys(_of_value(value, ""))
    return table(("key", "value"), [(code(path), cell(said)) for path, said in lines])


def _of_value(value: object, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        # Settings and columns of a table have a page of their own, or are whatever the table has.
        for name, one in value.items():
            place = f"{path}.{name}" if path else str(name)
            yield place, _kind(one)
            if name not in ("settings", "best", "table", "reading", "asked", "held_out"):
                yield from _of_value(one, place)
    elif isinstance(value, list) and value:
        yield from _of_value(value[0], f"{path}[]")


def _kind(value: object) -> str:
    match value:
        case bool():
            return "true or false"
        case None:
            return "null, or what there is"
        case int():
            return "whole number"
        case float():
            return "number"
        case str():
            return "text"
        case list():
            return f"list of {_kind(value[0])}" if value else "list"
        case _:
            return "object"


def attribute_docstrings(documented: type) -> dict[str, str]:
    """What stands below each attribute of a class, and of those that it is derived from."""
    said: dict[str, str] = {}
    for one in reversed(documented.__mro__):
        if not one.__module__.startswith("epochal."):
            continue
        body = ast.parse(dedent(inspect.getsource(one))).body[0]
        assert isinstance(body, ast.ClassDef)
        for before, after in zip(body.body, body.body[1:], strict=False):
            is_text = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
            if isinstance(before, ast.AnnAssign) and isinstance(before.target, ast.Name) and is_text:
                said[before.target.id] = " ".join(str(after.value.value).split())  # type: ignore[attr-defined]
    return said
