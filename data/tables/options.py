"""Reading options: what a person may say about a file, declared once; CLI, form, history and JSON follow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal, TypedDict, cast, get_type_hints

from epochal.data.tables.names import names_in, written_names
from epochal.data.tables.table import TableError

Kind = Literal["character", "text", "choice", "switch", "flag", "count", "names"]
Value = str | int | bool | tuple[str, ...] | None
FOUND_OUT = "found out"
# Python itself turns no more than some thousand digits into a number; no file has so many lines.
DIGITS = 18


@dataclass(frozen=True)
class Option:
    """One option as declared below.

    `words` are what may be typed or chosen instead of the value itself. A `switch` is on, off or found out,
    a `flag` off unless given, a `count` a whole number of at least `minimum`.
    """

    kind: Kind
    title: str
    sentence: str
    metavar: str = ""
    words: Mapping[str, Value] = field(default_factory=dict)
    minimum: int = 0
    default: Value = None
    name: str = ""

    @property
    def option(self) -> str:
        """The option's name on the command line."""
        return "--" + self.name.replace("_", "-")

    def read(self, text: str) -> Value:
        """The value of a text as typed, the default for an empty one; TableError says what is wrong."""
        bare = text if self.kind == "character" and len(text) == 1 else text.strip()
        if bare in ("", FOUND_OUT):
            return self.default
        if bare in self.words:
            return self.words[bare]
        if self.kind == "count":
            if not (
                bare.isascii() and bare.isdecimal() and len(bare) <= DIGITS and int(bare) >= self.minimum
            ):
                raise TableError(f"{self.title}: a whole number from {self.minimum}, not {bare}")
            return int(bare)
        return names_in(bare) if self.kind == "names" else bare

    def written(self, value: object) -> str:
        """The value as it may be typed or chosen."""
        for word, meaning in self.words.items():
            if meaning == value and isinstance(meaning, bool) == isinstance(value, bool):
                return word
        if value is None:
            return FOUND_OUT if self.words else ""
        if isinstance(value, list | tuple):
            return written_names(map(str, value))
        return str(value)

    def checked(self, value: object) -> Value:
        """The value as the reader takes it; TableError when it is of another kind."""
        if value is None:
            return self.default
        if self.kind == "names" and isinstance(value, str) is False and isinstance(value, Iterable):
            return tuple(map(str, value))
        fits = {
            "count": isinstance(value, int) and not isinstance(value, bool) and value >= self.minimum,
            "switch": isinstance(value, bool),
            "flag": isinstance(value, bool),
        }.get(self.kind, isinstance(value, str) and self.kind != "names")
        if fits and self.kind == "choice":
            fits = value in self.words.values()
        if not fits:
            raise TableError(f"{self.title} cannot be {value!r}")
        return cast("Value", value)


class Reading(TypedDict, total=False):
    """What a person may say about a file; what is not said is found out."""

    delimiter: Annotated[
        str | None,
        Option(
            "character",
            "Between cells",
            "Delimiter between cells; tab for a tab.",
            "CHAR",
            {"comma": ",", "semicolon": ";", "tab": "\t", "\\t": "\t", "vertical bar": "|"},
        ),
    ]
    encoding: Annotated[
        str | None,
        Option("text", "Encoding", "Text encoding, such as utf-8 or cp1252.", "NAME"),
    ]
    header: Annotated[
        bool | None,
        Option(
            "switch",
            "First line holds",
            "Whether the first line names the columns.",
            words={"names": True, "first row": False},
        ),
    ]
    first_line: Annotated[
        int | None,
        Option(
            "count", "Begins at line", "Line of the header, or of the first row without one.", "N", minimum=1
        ),
    ]
    skip_last: Annotated[
        int, Option("count", "Lines below it", "Lines below the table to skip.", "N", default=0)
    ]
    quote: Annotated[
        str | None,
        Option(
            "character",
            "Quotes",
            "Quote character around a cell with a delimiter in it.",
            "CHAR",
            {"double": '"', "single": "'"},
        ),
    ]
    escape: Annotated[
        str | None,
        Option(
            "choice",
            "Escapes",
            "What stands before a quote inside a cell: backslash or none.",
            "MARK",
            {"backslash": "\\", "none": ""},
        ),
    ]
    decimal: Annotated[
        str | None,
        Option(
            "choice",
            "Decimal mark",
            "Decimal mark: point or comma.",
            "MARK",
            {"point": ".", "comma": ","},
        ),
    ]
    thousands: Annotated[
        str | None,
        Option(
            "choice",
            "Between thousands",
            "Thousands separator: comma, point, space, apostrophe or none.",
            "MARK",
            {"comma": ",", "point": ".", "space": " ", "apostrophe": "'", "none": ""},
        ),
    ]
    unnamed: Annotated[
        str | None,
        Option(
            "choice",
            "Column without name",
            "Which column the header has no name for, where it is one short: first or last.",
            "WHICH",
            {"first": "first", "last": "last"},
        ),
    ]
    missing: Annotated[
        tuple[str, ...],
        Option(
            "names",
            "Missing cells",
            "Further words for a missing cell, COLUMN=WORD in one column; none: no words, only empty cells.",
            "WORD,...",
            default=(),
        ),
    ]
    as_text: Annotated[
        tuple[str, ...],
        Option(
            "names", "As text", "Columns of digits to read as text, such as codes.", "COLUMN,...", default=()
        ),
    ]
    as_number: Annotated[
        tuple[str, ...],
        Option(
            "names",
            "As numbers",
            "Columns to read as numbers: units and limits such as <1 are taken off.",
            "COLUMN,...",
            default=(),
        ),
    ]
    as_category: Annotated[
        tuple[str, ...],
        Option("names", "As categories", "Columns to read as categories.", "COLUMN,...", default=()),
    ]
    as_date: Annotated[
        tuple[str, ...],
        Option(
            "names",
            "As dates",
            "Columns to read as dates; COLUMN=day-first or COLUMN=month-first where it is not clear.",
            "COLUMN,...",
            default=(),
        ),
    ]
    keep: Annotated[
        tuple[str, ...],
        Option(
            "names",
            "Kept",
            "Identifiers and free text that are features all the same.",
            "COLUMN,...",
            default=(),
        ),
    ]
    merge_labels: Annotated[
        tuple[str, ...],
        Option(
            "names",
            "Merged labels",
            "Columns whose labels differ by blanks or case.",
            "COLUMN,...",
            default=(),
        ),
    ]
    drop_bad_rows: Annotated[
        bool,
        Option(
            "flag",
            "Bad rows",
            "Leave out the rows that cannot be read.",
            words={"refuse": False, "leave out": True},
            default=False,
        ),
    ]


def _declared() -> Iterator[tuple[str, Option]]:
    for name, hint in get_type_hints(Reading, include_extras=True).items():
        one: Option = hint.__metadata__[0]
        yield name, Option(**{**vars(one), "name": name})


OPTIONS: dict[str, Option] = dict(_declared())


def complete(reading: Mapping[str, object]) -> Reading:
    """The reading with every option in it; TableError when a value is of the wrong kind."""
    for name in reading:
        if name not in OPTIONS:
            raise TableError(f"There is no reading option {name}")
    return cast("Reading", {name: one.checked(reading.get(name)) for name, one in OPTIONS.items()})


def said(reading: Mapping[str, object]) -> dict[str, Value]:
    """What of a reading was said: the options with another value than the default, as they may be stored."""
    chosen = {name: one.checked(reading.get(name)) for name, one in OPTIONS.items()}
    return {name: value for name, value in chosen.items() if value != OPTIONS[name].default}
