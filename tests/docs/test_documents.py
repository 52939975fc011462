"""The documents: made pages are up to date, links lead somewhere, and the shell and Python shown run."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from docs.links import TOP, from_the_top, to_the_top
from docs.make import TEXTS
from docs.pages.finding_examples import of_columns, of_runs
from docs.tour import HERE as DOCS
from tests.shell_blocks import run, shown, small_budget

HOUSE = DOCS.parent
PAGES = sorted(DOCS.rglob("*.md"))
TEXT = {path.relative_to(DOCS).as_posix(): path.read_text(encoding="utf-8") for path in PAGES}
# As it is on the site, where files at the top of the repository are pages too.
SITE = {name: to_the_top(text) for name, text in TEXT.items()}
SITE |= {page: from_the_top((HOUSE / name).read_text(encoding="utf-8")) for name, page in TOP.items()} | SITE
CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)


@pytest.mark.parametrize("name", TEXTS)
def test_a_made_text_is_the_one_that_the_program_makes(name: str) -> None:
    made, stored = TEXTS[name](), (DOCS / name).read_text(encoding="utf-8")
    if name == "look-up/findings.md":
        # Another machine's arithmetic may end a diverging run at another number.
        made, stored = (re.sub(r"[\d.,]*\d", "#", text) for text in (made, stored))
    assert made == stored, "run: python -m docs.make texts"


def test_every_finding_that_the_program_knows_is_on_its_page() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in (HOUSE / "core" / "findings").glob("*.py"))
    codes = set(re.findall(r'Finding\(\s*"([a-z-]+)"', source))
    shown_codes = {one.code for examples in (of_runs, of_columns) for _, each in examples() for one in each}
    assert codes <= shown_codes
    assert len(codes) > 20
    assert {f"### `{code}`" for code in shown_codes} <= set(TEXT["look-up/findings.md"].splitlines())


@pytest.mark.parametrize("name", sorted(SITE))
def test_links_lead_somewhere(name: str) -> None:
    for target, anchor in re.findall(r"\]\(([^)\s#]*)(#[^)\s]*)?\)", CODE.sub("", SITE[name])):
        if re.match(r"[a-z]+:", target):
            continue
        parts: list[str] = name.split("/")[:-1]
        for part in target.split("/") if target else [name.split("/")[-1]]:
            parts = parts[:-1] if part == ".." else [*parts, part]
        place = "/".join(parts)
        assert place in SITE or (DOCS / place).is_file(), f"{name} links to {target}"
        if anchor:
            headings = re.findall(r"^#+ (.*)$", SITE[place], re.MULTILINE)
            slugs = {re.sub(r"[^\w -]", "", one).strip().lower().replace(" ", "-") for one in headings}
            assert anchor[1:] in slugs, f"{name} links to {target}{anchor}"


def test_the_site_has_every_page_in_its_navigation_and_no_other() -> None:
    listed = re.findall(r"^ +- [^:\n]+: (\S+\.md)$", (HOUSE / "mkdocs.yml").read_text("utf-8"), re.MULTILINE)
    assert sorted(listed) == sorted(SITE)


def test_the_site_fetches_nothing_from_elsewhere() -> None:
    settings = (HOUSE / "mkdocs.yml").read_text(encoding="utf-8")
    assert "font: false" in settings
    assert "http" not in settings


@pytest.fixture
def tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with the tables that the pages speak of."""
    monkeypatch.chdir(tmp_path)
    small_budget(monkeypatch)
    spine = (HOUSE / "data" / "column_2C_weka.csv").read_text(encoding="utf-8")
    Path("patients.csv").write_text(spine.replace("class", "diagnosis", 1), encoding="utf-8")
    rng = np.random.default_rng(0)
    fraud = np.arange(1000) % 20 == 0
    amount, hour = rng.normal(80 + 60 * fraud, 30), rng.normal(14 - 6 * fraud, 4)
    rows = zip(amount, hour, np.where(fraud, "yes", "no"), strict=True)
    lines = ["amount,hour,fraud", *(f"{a:.2f},{h:.1f},{f}" for a, h, f in rows)]
    Path("payments.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


# Its replays of the tutorial take seconds each; one of them is the README's too.
SLOW = {"the-62-percent.md": pytest.mark.slow}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=SLOW.get(name, ())) for name, text in TEXT.items() if shown(text)]
)
@pytest.mark.usefixtures("tables")
def test_every_command_shown_runs(name: str) -> None:
    for line in shown(TEXT[name]):
        run(line)


@pytest.mark.parametrize(
    "name", [name for name, text in TEXT.items() if "```python\n" in text and name != "python.md"]
)
@pytest.mark.usefixtures("tables")
def test_every_example_in_python_runs(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    for code in re.findall(r"```python\n(.*?)```", TEXT[name], re.DOTALL):
        exec(compile(code, name, "exec"), {})
    assert capsys.readouterr().out
