"""Encodings: found out where they can be, named with candidates where they cannot, never silently wrong."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from epochal.data.tables.dataset import dataset_from
from epochal.data.tables.reading import read_table
from epochal.data.tables.table import Table, TableError

WORDS = {
    "cp1251": ["Москва", "Казань", "Пермь", "Тула", "Нижний Новгород", "Тверь", "Омск"],
    "koi8_r": ["Москва", "Казань", "Пермь", "Тула", "Нижний", "Тверь", "Омск"],
    "cp1250": ["Łódź", "Gdańsk", "Kraków", "Poznań", "Świętochłowice", "Białystok", "Żagań"],
    "cp1253": ["Αθήνα", "Πάτρα", "Βόλος", "Λάρισα", "Χανιά"],
    "shift_jis": ["東京", "大阪", "さっぽろ", "横浜", "なごや"],
    "gb18030": ["北京", "上海", "广州", "深圳", "南京"],
    "euc_kr": ["서울", "부산", "대구", "인천", "광주"],
}
WESTERN = [
    "Köln",
    "Zürich",
    "Besançon",
    "São Paulo",
    "Malmö",
    "Córdoba",
    "naïve",
    "Straße",
    "25 °C",
    "“so”",
    "10 £",
]
Read = Callable[..., Table]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def write_and_read(words: list[str], written: str, **reading: object) -> Table:
        path = tmp_path / "table.csv"
        rows = "".join(f"{word},{n}.5,{'ab'[n % 2]}\n" for n, word in enumerate(words))
        path.write_bytes(f"where,size,kind\n{rows}".encode(written))
        return read_table(path, **reading)  # type: ignore[arg-type]

    return write_and_read


def drawn(words: list[str], seed: int) -> list[str]:
    rng = random.Random(seed)
    return [rng.choice(words) for _ in range(60)]


def found(table: Table) -> list[str]:
    return [table.columns[0].text(row) for row in range(table.rows)]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("encoding", WORDS)
def test_other_encodings_are_named_as_candidates_and_the_dialect_is_told(
    read: Read, encoding: str, seed: int
) -> None:
    words = drawn(WORDS[encoding], seed)
    with pytest.raises(TableError) as caught:
        read(words, encoding)
    error = caught.value
    assert error.table is not None
    assert (error.table.dialect.delimiter, error.table.names[0]) == (",", "where")
    offered = [read(words, encoding, **offer.reading) for offer in error.offers]
    assert words in [found(table) for table in offered]


@pytest.mark.parametrize("seed", range(5))
def test_western_words_are_read_as_windows_1252_and_said_to_be(read: Read, seed: int) -> None:
    words = drawn(WESTERN, seed)
    table = read(words, "cp1252")
    assert found(table) == words
    assert any("Windows-1252" in note for note in table.notes)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("words", [["red", "blue"], ["größer", "kleiner"], ["Москва", "Тула"]])
def test_wide_encodings_without_a_mark_are_found(read: Read, encoding: str, words: list[str]) -> None:
    table = read(words * 20, encoding)
    assert found(table) == words * 20
    assert table.dialect.encoding == encoding
    assert any("byte order mark" in note for note in table.notes)
    assert found(read(words * 20, encoding, encoding=encoding[:6])) == words * 20
    assert found(read(words * 20, encoding, encoding=encoding)) == words * 20


@pytest.mark.parametrize(
    ("encoding", "asked"), [("utf-8-sig", "utf-8"), ("utf-16", "utf-16"), ("utf-16", None)]
)
def test_a_byte_order_mark_is_no_part_of_the_first_name(read: Read, encoding: str, asked: str | None) -> None:
    assert read(["red", "blue"] * 9, encoding, encoding=asked).names[0] == "where"


def test_names_are_the_same_however_their_accents_are_written(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    rows = "".join(f"{n}.5,{'ab'[n % 2]},{n % 3}\n" for n in range(30))
    path.write_text(f"gro\u0308ße,cafe\u0301,z\n{rows}", encoding="utf-8")
    table = read_table(path, as_category=("z",))
    assert dataset_from(table, "caf\u00e9", ["gr\u00f6ße"]).target == "caf\u00e9"
    assert dataset_from(table, "cafe\u0301", ["gro\u0308ße"]).target == "caf\u00e9"


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n", "Git LFS pointer"),
        (b"/annex/objects/SHA256E-s123--abc.csv\n", "git-annex pointer"),
        (b"<!DOCTYPE html>\n<html><body>Not found</body></html>\n", "web page"),
        (b"\xef\xbb\xbf\n<HTML>\n<p>a,b</p>\n", "web page"),
    ],
)
def test_what_stands_for_a_file_is_named_as_such(tmp_path: Path, content: bytes, what: str) -> None:
    (tmp_path / "t.csv").write_bytes(content)
    with pytest.raises(TableError, match=what):
        read_table(tmp_path / "t.csv")
