"""Findings: what each is found by, what it says of an example, and what it advises."""

from __future__ import annotations

from collections.abc import Iterable

from docs.pages.finding_examples import Example, of_columns, of_runs
from docs.pages.markdown import cell, code, page, paragraphs
from epochal.core.findings.finding import Finding

INTRODUCTION = """\
A finding is what a person should be told about a table, a run or a result: a code for programs (`findings` in `--json`),
how grave it is, a sentence with the numbers at hand, and advice. The sentences below are not made up: each example was
trained, or read, when this page was made. Healthy runs have no finding. Whether the advice helps has been measured:
[Whether advice helps](../advice.md)."""


def found(examples: Iterable[Example]) -> list[tuple[str, Finding]]:
    """Each finding of the examples, with what its check's docstring says; not one after the other twice."""
    return [(" ".join(paragraphs(check)), one) for check, findings in examples for one in findings]


def findings_page() -> str:
    """Those of runs, then those of tables; several examples of a code together."""
    return page(
        "Findings",
        INTRODUCTION,
        "## Of a run and its result",
        "`train`, `runs show`, the Result pane and the report end with them.",
        *_sections(found(of_runs())),
        "## Of a table",
        "`y` in the lab and `epochal inspect TABLE --profile` show them before anything is trained; those on constant "
        "columns, row numbers, leaks and imbalance are said of a run too.",
        *_sections(found(of_columns())),
    )


def _sections(found: list[tuple[str, Finding]]) -> Iterable[str]:
    by_code: dict[str, list[tuple[str, Finding]]] = {}
    for said, one in found:
        by_code.setdefault(one.code, []).append((said, one))
    for name, each in by_code.items():
        parts = [f"### {code(name)}", *dict.fromkeys(cell(said) for said, _ in each)]
        parts += [
            f"- {one.severity.title()}, for example: “{cell(one.sentence)}”\n  What to do: {cell(one.advice)}"
            for _, one in each
        ]
        yield "\n\n".join(parts)
