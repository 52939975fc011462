"""Whatever a library raises about a file ends as one of our own errors, with its cause in a sentence."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import random
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from epochal.data.tables import reading
from epochal.data.tables.reading import read_table
from epochal.data.tables.table import Table, TableError

TEXT = "size,weight,kind\n" + "".join(f"{i},{i * 7 % 11}.5,{'ab'[i % 2]}\n" for i in range(60))
ARFF = "@relation r\n@attribute size numeric\n@attribute kind {a,b}\n@data\n" + "".join(
    f"{i},{'ab'[i % 2]}\n" for i in range(40)
)


def zipped(name: str = "table.csv") -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, TEXT)
    return packed.getvalue()


SOUND: dict[str, Callable[[], bytes]] = {
    "table.csv": TEXT.encode,
    "table.tsv": lambda: TEXT.replace(",", "\t").encode(),
    "wide.csv": lambda: TEXT.encode("utf-16"),
    "bare.csv": lambda: TEXT.encode("utf-16-le"),
    "table.arff": ARFF.encode,
    "table.csv.gz": lambda: gzip.compress(TEXT.encode(), mtime=0),
    "table.csv.zip": zipped,
    "table.csv.bz2": lambda: bz2.compress(TEXT.encode()),
    "table.csv.xz": lambda: lzma.compress(TEXT.encode()),
    "table.parquet": lambda: b"PAR1" + os.urandom(0) + TEXT.encode() + b"PAR1",
}
# As many for each file as fit into the time: EPOCHAL_MUTATIONS=5000.
MUTATIONS = int(os.environ.get("EPOCHAL_MUTATIONS", "60"))


INSERTED = (b'"', b"'", b"\r", b"\n\n", b"\0", b"\xff", b",", b"\x1a", b"\xef\xbb\xbf")


def mutated(content: bytes, rng: random.Random) -> bytes:
    """Flip, cut, double, insert or zero a few stretches."""
    data = bytearray(content)
    for _ in range(rng.randint(1, 4)):
        at, length = rng.randrange(len(data) + 1), rng.choice([1, 1, 2, 8, 60])
        match rng.randrange(5):
            case 0:
                data[at : at + length] = rng.randbytes(len(data[at : at + length]))
            case 1:
                del data[at : at + length]
            case 2:
                data[at:at] = data[at : at + length]
            case 3:
                data[at:at] = rng.choice(
                    [b'"', b"'", b"\r", b"\n\n", b"\0", b"\xff", b",", b"\x1a", b"\xef\xbb\xbf"]
                )
            case _:
                data[at : at + length] = bytes(len(data[at : at + length]))
        if not data:
            return b"\n"
    return bytes(data)


def outcome(path: Path, **options: object) -> Table | TableError:
    try:
        return read_table(path, **options)  # type: ignore[arg-type]
    except TableError as error:
        return error


@pytest.mark.parametrize("name", SOUND)
def test_a_mutated_file_is_read_or_refused_in_a_sentence(name: str, tmp_path: Path) -> None:
    path, rng, content = tmp_path / name, random.Random(name), SOUND[name]()
    for _ in range(MUTATIONS):
        path.write_bytes(mutated(content, rng))
        found = outcome(path, drop_bad_rows=rng.random() < 0.5)
        if isinstance(found, Table):
            assert {len(column.values) for column in found.columns} == {found.rows}
        else:
            assert str(found)


@pytest.mark.parametrize("delimiter", ["", "::", "ab", '"', "\n", "\r\n", ",,"])
def test_what_is_no_delimiter_is_said(delimiter: str, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(TEXT)
    with pytest.raises(TableError, match="A delimiter is a single character"):
        read_table(tmp_path / "t.csv", delimiter=delimiter)


@pytest.mark.parametrize("delimiter", [chr(code) for code in (*range(32), *range(33, 127), 0xA0, 0x2502)])
def test_any_one_character_as_delimiter_reads_or_refuses(delimiter: str, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(TEXT.replace(",", delimiter), encoding="utf-8", newline="")
    found = outcome(tmp_path / "t.csv", delimiter=delimiter)
    assert isinstance(found, Table) or str(found)


def test_a_damaged_directory_of_a_zip_archive_is_a_sentence(tmp_path: Path) -> None:
    packed, path = zipped("tab\u00e9le.csv"), tmp_path / "t.zip"
    end = packed.rindex(b"PK\x05\x06")
    for at in range(packed.rindex(b"PK\x01\x02"), len(packed)):
        for value in (0, 0x7F, 0xFF):
            path.write_bytes(packed[:at] + bytes([value]) + packed[at + 1 :])
            found = outcome(path)
            assert isinstance(found, Table) or "t.zip" in str(found)
    for shift in (-3, -1, 1, 7):
        offset = int.from_bytes(packed[end + 16 : end + 20], "little") + shift
        path.write_bytes(packed[: end + 16] + offset.to_bytes(4, "little") + packed[end + 20 :])
        assert isinstance(outcome(path), Table | TableError)


@pytest.mark.parametrize(
    "error", [IndexError("gone"), OSError(5, "Input/output error"), RuntimeError(), KeyError("x")]
)
def test_what_is_raised_in_the_middle_of_a_file_is_told_with_its_cause(
    error: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise error

    (tmp_path / "t.csv").write_text(TEXT)
    monkeypatch.setattr(reading, "take_apart", fails)
    found = outcome(tmp_path / "t.csv")
    assert isinstance(found, TableError)
    assert str(found).startswith("t.csv cannot be read: ")
    assert found.__cause__ is error


@pytest.mark.parametrize("wish", [KeyboardInterrupt, IndexError, TableError])
def test_what_a_watch_raises_ends_the_reading_as_it_is(wish: type[BaseException], tmp_path: Path) -> None:
    raised = wish("enough")

    def watch(share: float) -> None:
        raise raised

    (tmp_path / "t.csv").write_text(TEXT)
    with pytest.raises(wish) as caught:
        read_table(tmp_path / "t.csv", watch=watch)
    assert caught.value is raised
