"""A file of any dialect becomes a Table, or is refused with every problem located: never silently wrong."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Unpack

from epochal.data.paths import kind_of, refusal
from epochal.data.tables.arff import is_arff, read_arff
from epochal.data.tables.files import Content, Watch, look
from epochal.data.tables.finishing import finished
from epochal.data.tables.gathering import take_apart
from epochal.data.tables.options import Reading, complete
from epochal.data.tables.parquet import SUFFIXES, read_parquet
from epochal.data.tables.plan import planned, sample_of
from epochal.data.tables.scanning import UnknownEncoding
from epochal.data.tables.table import Table, TableError


def read_table(
    path: str | os.PathLike[str], *, watch: Watch | None = None, **reading: Unpack[Reading]
) -> Table:
    """Read a table from a text file, plain, gzip or a zip archive of one file; ARFF and Parquet too.

    `reading` is what a person says about the file (`options.Reading`); the rest is found out. `watch` is
    told the progress and may raise to end the reading.

    Raises TableError, with up to 100 located problems, unless every record has as many cells as the
    others, every quote stands where it may, and every column is of one kind; with `drop_bad_rows` the
    records at fault are left out instead and counted in `Table.rows_left_out`.
    """
    asked = complete(reading)
    delimiter = asked["delimiter"]
    if delimiter is not None and (len(delimiter) != 1 or delimiter in '"\r\n'):
        raise TableError(f"A delimiter is a single character and no quote or line end, not {delimiter!r}")
    with errors_located(path), watching(watch) as (looking, going_on):
        if Path(path).suffix.lower() in SUFFIXES and kind_of(Path(path)) == "file":
            return read_parquet(Path(path))
        try:
            content = look(path, asked["encoding"], looking)
        except UnknownEncoding as error:
            raise _previewed(path, asked, error) from None
        return _read(content, asked, going_on)


def _previewed(path: str | os.PathLike[str], asked: Reading, error: TableError) -> TableError:
    """The error with the table as the likeliest encoding would have it, where there is one."""
    try:
        encoding = str(error.offers[0].reading["encoding"]) if error.offers else "latin-1"
        table: Table | None = _read(look(path, encoding), asked, None)
    except TableError as other:
        table = other.table
    return TableError(str(error), error.problems, error.notes, table, error.offers)


class _Interrupted(BaseException):
    """Carries what a `Watch` raised past whoever turns exceptions into sentences."""

    def __init__(self, wish: BaseException) -> None:
        super().__init__()
        self.wish = wish


@contextmanager
def watching(watch: Watch | None) -> Iterator[tuple[Watch | None, Watch | None]]:
    """The watch over the looking, a fifth of the work, and over the reading; what it raises is raised."""
    if watch is None:
        yield None, None
        return

    def told(share: float) -> None:
        try:
            watch(share)
        except BaseException as wish:
            raise _Interrupted(wish) from wish

    yield (lambda part: told(part * 0.2)), (lambda part: told(0.2 + part * 0.8))


@contextmanager
def errors_located(path: str | os.PathLike[str]) -> Iterator[None]:
    """Turn whatever a library raises about a file into a TableError with its cause.

    Too little memory and what a `Watch` raises pass as they are, and so does a failed assertion, which is
    a fault of ours and not of the file.
    """
    try:
        yield
    except _Interrupted as interrupted:
        raise interrupted.wish from None
    except (TableError, MemoryError, AssertionError):
        raise
    except OSError as error:
        raise TableError(f"{Path(path).name} cannot be read: {refusal(error)}") from error
    except Exception as error:
        said = str(error) or type(error).__name__
        raise TableError(f"{Path(path).name} cannot be read: {said}") from error


def _read(content: Content, asked: Reading, watch: Watch | None) -> Table:
    with content.lines(watch) as text:
        sample = sample_of(text)
        if is_arff(sample):
            return read_arff(
                content, chain(sample, text), missing=asked["missing"], drop_bad_rows=asked["drop_bad_rows"]
            )
        plan = planned(sample, asked, content)
        read = take_apart(_Prefixed(sample, text), plan, asked, frozenset())
    # Batches may begin elsewhere the next time, so that another column turns to text in the middle.
    while read.turned_to_text:
        with content.lines(watch) as text:
            read = take_apart(text, plan, asked, read.as_text)
    return finished(content, asked, plan, read)


class _Prefixed:
    """A text whose first lines have been read already."""

    def __init__(self, first: list[str], rest: io.TextIOWrapper) -> None:
        self.first, self.rest = first, rest

    def readlines(self, hint: int = -1, /) -> list[str]:
        first, self.first = self.first, []
        return first or self.rest.readlines(hint)
