"""Above and below the records: headers of every shape, titles, footnotes, a second table, a cut."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from epochal.data.tables.dataset import dataset_from, guess_target
from epochal.data.tables.decisions import decisions
from epochal.data.tables.reading import read_table
from epochal.data.tables.table import Table, TableError

Read = Callable[..., Table]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def write_and_read(text: str, **reading: object) -> Table:
        path = tmp_path / "table.csv"
        path.write_text(text, encoding="utf-8", newline="")
        return read_table(path, **reading)  # type: ignore[arg-type]

    return write_and_read


def records(rng: random.Random, rows: int, width: int, delimiter: str = ",") -> list[str]:
    """Numbers with decimals, whole numbers, and words."""
    made = [
        lambda: f"{rng.gauss(0, 9):.3f}",
        lambda: str(rng.randint(0, 5)),
        lambda: rng.choice(["red", "blue", "green"]),
    ]
    kinds = [made[place % 3] for place in range(width)]
    return [delimiter.join(kind() for kind in kinds) for _ in range(rows)]


def refused(read: Read, text: str, **reading: object) -> TableError:
    with pytest.raises(TableError) as caught:
        read(text, **reading)
    return caught.value


def as_text(lines: list[str]) -> str:
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("width", [2, 3, 5, 12])
@pytest.mark.parametrize("index", [False, True])
def test_counting_names_above_decimals_are_a_header(read: Read, width: int, index: bool) -> None:
    rng = random.Random(width)
    cells = [",".join(f"{rng.gauss(0, 9):.4f}" for _ in range(width)) for _ in range(30)]
    names = [str(place) for place in range(width)]
    if index:
        cells = [f"{row},{line}" for row, line in enumerate(cells)]
        names.insert(0, "")
    table = read(as_text([",".join(names), *cells]))
    assert table.rows == 30
    assert list(table.names[-width:]) == [str(place) for place in range(width)]


@pytest.mark.parametrize("width", [2, 3, 4, 6])
def test_counting_names_above_whole_numbers_are_never_taken_for_data(read: Read, width: int) -> None:
    rng = random.Random(width)
    lines = [",".join(str(rng.randint(0, 6)) for _ in range(width)) for _ in range(40)]
    text = as_text([",".join(map(str, range(width))), *lines])
    try:
        table = read(text)
    except TableError as error:
        table = read(text, **error.offers[0].reading)
    assert (table.rows, table.names[-1]) == (40, str(width - 1))


@pytest.mark.parametrize("seed", range(6))
def test_a_header_word_that_is_a_value_once_is_still_a_header(read: Read, seed: int) -> None:
    rng = random.Random(seed)
    names, labels = ["colour", "size", "mood"], ["red", "blue", "big", "small"]
    rows = [[rng.choice(labels[:2]), rng.choice(labels[2:]), rng.choice(["glad", "sad"])] for _ in range(60)]
    rows[rng.randrange(60)][rng.randrange(3)] = "x"
    place = rng.randrange(3)
    rows[rng.randrange(60)][place] = names[place]
    table = read(as_text([",".join(names), *map(",".join, rows)]))
    assert list(table.names) == names
    assert table.rows == 60


@pytest.mark.parametrize("seed", range(6))
def test_names_above_numbers_are_a_header_though_a_label_is_called_like_its_column(
    read: Read, seed: int
) -> None:
    rng = random.Random(seed)
    lines = [f"{rng.gauss(0, 9):.2f},{rng.randint(0, 9)},{rng.choice('abc')}" for _ in range(60)]
    assert read(as_text(["a,b,c", *lines])).names == ("a", "b", "c")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("width", [2, 3, 6])
def test_a_header_without_a_name_for_the_first_column_is_offered(
    read: Read, width: int, delimiter: str
) -> None:
    rows = [
        f"r{n}{delimiter}{line}" for n, line in enumerate(records(random.Random(1), 30, width, delimiter))
    ]
    names = [f"n{place}" for place in range(width)]
    text = as_text([delimiter.join(names), *rows])
    error = refused(read, text)
    assert [one.line for one in error.problems] == [1]
    first, last = (read(text, **offer.reading) for offer in error.offers[:2])
    assert list(first.names) == ["column 1", *names]
    assert list(last.names) == [*names, f"column {width + 1}"]
    assert first.rows == last.rows == 30
    assert first.columns[0].text(29) == "r29"


@pytest.mark.parametrize("width", [2, 3, 6])
def test_a_header_with_a_delimiter_too_many_is_offered(read: Read, width: int) -> None:
    names = [f"n{place}" for place in range(width)]
    text = as_text([",".join(names) + ",", *records(random.Random(1), 30, width)])
    error = refused(read, text)
    (offer,) = error.offers
    table = read(text, **offer.reading)
    assert (list(table.names), table.rows) == (names, 30)


def test_a_header_that_is_as_long_as_the_records_has_no_name_missing(read: Read) -> None:
    text = as_text(["a,b,c", *records(random.Random(1), 9, 3)])
    assert "leave out --unnamed" in str(refused(read, text, unnamed="first"))


@pytest.mark.parametrize("types", ["continuous\tdiscrete\td", "c\td\td"])
@pytest.mark.parametrize("flags", ["\t\tclass", "class\t\t", "meta\t\tclass"])
def test_the_three_header_lines_of_orange_are_understood(read: Read, types: str, flags: str) -> None:
    rows = records(random.Random(2), 30, 3, "\t")
    table = read(as_text(["a\tb\tc", types, flags, *rows]))
    assert (list(table.names), table.rows) == (["a", "b", "c"], 30)
    assert [one.kind for one in table.columns] == ["number", "category", "category"]
    target = "abc"[flags.split("\t").index("class")]
    assert guess_target(table) == target
    assert decisions(dataset_from(table)).target_reason == "the file"


@pytest.mark.parametrize(
    "attribute",
    [
        "@attribute play{yes,no}",
        "@attribute play {yes,no} % whether",
        "@ATTRIBUTE 'play' {yes, no}",
        "@attribute play{'yes',no}%x",
    ],
)
def test_nominal_attributes_of_arff_are_read_in_every_way_of_writing(tmp_path: Path, attribute: str) -> None:
    rows = "".join(f"{n}.5,{['yes', 'no'][n % 2]}\n" for n in range(9))
    path = tmp_path / "t.arff"
    path.write_text(f"@relation r\n@attribute size numeric % in cm\n{attribute}\n@data\n{rows}")
    table = read_table(path)
    assert table.column("play").categories == ("yes", "no")
    assert table.column("size").numeric


@pytest.mark.parametrize("width", [3, 4, 7])
@pytest.mark.parametrize("title", ["Report", "Report,", "Report,,", '"Report, of 2019",'])
def test_a_title_padded_with_delimiters_is_a_title(read: Read, width: int, title: str) -> None:
    padded = title if title == "Report" else title.rstrip(",") + "," * (width - 1)
    names = [f"n{place}" for place in range(width)]
    text = as_text([padded, "," * (width - 1), ",".join(names), *records(random.Random(1), 20, width)])
    error = refused(read, text)
    assert error.problems[0].line == 1
    assert error.problems[0].kind == "title"
    table = read(text, **error.offers[0].reading)
    assert (list(table.names), table.rows) == (names, 20)


def test_a_title_above_two_columns_of_numbers_is_offered_too(read: Read) -> None:
    text = as_text(["Report,", "a,b", *(f"{n},{n / 3:.2f}" for n in range(20))])
    table = read(text, **refused(read, text).offers[0].reading)
    assert (table.names, table.rows) == (("a", "b"), 20)


def test_last_rows_with_words_for_nothing_are_rows(read: Read) -> None:
    rows = [*records(random.Random(1), 20, 4), "1.5,None,None,None", "2.5,NA,NA,NA"]
    assert read(as_text(["a,b,c,d", *rows])).rows == 22


@pytest.mark.parametrize("seed", range(8))
def test_a_file_cut_off_in_its_last_record_is_said_to_be(read: Read, seed: int) -> None:
    rng = random.Random(seed)
    lines = ["a,b,c,d", *records(rng, 30, 4)]
    last = lines[-1]
    cut = rng.randrange(2, last.rindex(","))
    error = refused(read, "\n".join([*lines[:-1], last[:cut]]))
    assert [(one.line, one.kind) for one in error.problems] == [(31, "cut off")]
    assert "cut off" in str(error)
    assert read("\n".join([*lines[:-1], last[:cut]]), drop_bad_rows=True).rows == 29


def test_a_footnote_without_a_line_end_is_a_footnote(read: Read) -> None:
    lines = ["a,b,c,d", *records(random.Random(1), 30, 4), "Source: the office, 2019"]
    error = refused(read, "\n".join(lines))
    assert error.problems[0].kind == "footnote"
    assert read("\n".join(lines), **error.offers[0].reading).rows == 30


@pytest.mark.parametrize("blank", [[], [""], [",,"]])
@pytest.mark.parametrize("seed", range(3))
def test_a_second_table_below_is_never_merged_by_dropping(read: Read, seed: int, blank: list[str]) -> None:
    first, second = (records(random.Random(seed + one), 20, 3) for one in (0, 9))
    text = as_text(["a,b,c", *first, *blank, "u,v,w", *second])
    error = refused(read, text, drop_bad_rows=True)
    assert error.problems[0].line == 22 + len(blank)


@pytest.mark.parametrize("line", ["sep=\t", '"sep=\t"', "SEP=\t", "'sep=\t'"])
def test_a_line_that_names_the_delimiter_may_name_a_tab_or_be_quoted(read: Read, line: str) -> None:
    rows = records(random.Random(1), 20, 3, "\t")
    assert read(as_text([line, "a\tb\tc", *rows])).names == ("a", "b", "c")
    rows = records(random.Random(1), 20, 3, ";")
    assert read(as_text([line.replace("\t", ";"), "a;b;c", *rows])).names == ("a", "b", "c")


@pytest.mark.parametrize(
    "alike", [("yes", "yes "), ("Yes", "yes"), ("caf\u00e9", "cafe\u0301"), ("a  b", "a b")]
)
def test_labels_that_differ_by_blanks_or_case_are_said_and_merged_only_when_asked(
    read: Read, alike: tuple[str, str]
) -> None:
    labels = [*alike, "no", alike[0]]
    text = as_text(["answer,size", *(f"{labels[n % 4]},{n / 7:.3f}" for n in range(80))])
    table = read(text)
    assert set(alike) <= set(table.columns[0].categories)
    assert any("differ only by blanks or case" in note for note in table.notes)
    merged = read(text, **table.offers[0].reading)
    assert merged.columns[0].categories == (alike[0], "no")
    assert merged.rows == 80


def test_long_labels_are_classes_and_names_of_an_index_are_measurements(read: Read) -> None:
    long = ["the first of three classes, whose name is a long one " + letter for letter in "abc"]
    text = as_text(["glycemic index,kind", *(f'{n * 7 % 61},"{long[n % 3]}"' for n in range(60))])
    table = read(text)
    assert [one.kind for one in table.columns] == ["number", "category"]
    assert any("--ignore" in note for note in table.notes)


@pytest.mark.parametrize("name", ["Id", "customer_id", "Unnamed: 0", "index", "row no"])
def test_identifiers_are_left_out_and_can_be_kept(read: Read, name: str) -> None:
    text = as_text([f"{name},size,kind", *(f"{n + 1},{n * 7 % 11}.5,{'ab'[n % 2]}" for n in range(40))])
    assert name not in dataset_from(read(text)).features
    assert name in dataset_from(read(text, keep=[name])).features


def test_codes_read_as_numbers_are_said(read: Read) -> None:
    rng = random.Random(1)
    text = as_text(
        [
            "zip code,Id,kind",
            *(f"{rng.randint(10000, 99999)},{rng.randint(1, 900)},{'ab'[n % 2]}" for n in range(99)),
        ]
    )
    notes = read(text).notes
    assert any("zip code" in note and "--as-category" in note for note in notes)
    assert any(note.startswith("Id ") for note in notes)
    assert read(text, as_category=["zip code"]).columns[0].kind == "category"
