import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from epochal.data.tables import records
from epochal.data.tables.reading import read_table
from epochal.data.tables.table import TableError


@pytest.fixture
def read(tmp_path):
    def write_and_read(content, name="table.csv", **reading):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_table(path, **reading)

    return write_and_read


@pytest.fixture
def refused(read):
    def expect(content, **reading):
        with pytest.raises(TableError) as caught:
            read(content, **reading)
        return caught.value

    return expect


def texts(table, name):
    column = table.column(name)
    return [column.text(row) for row in range(table.rows)]


# The cases of csv-spectrum, with tables of our own.


def test_a_delimiter_inside_quotes_belongs_to_the_cell(read):
    assert texts(read('a,b\n"x, y",1\nz,2\n'), "a") == ["x, y", "z"]


def test_cells_may_be_empty(read):
    table = read('a,b,c\n1,"",2\n,"",\n3,x,4\n')
    assert texts(table, "b") == ["", "x"]
    assert table.column("b").missing == 1


def test_doubled_quotes_stand_for_one(read):
    assert texts(read('a,b\n1,"say ""hi"""\n2,""""\n'), "b") == ['say "hi"', '"']


def test_quotes_and_line_ends_mix_in_a_cell(read):
    assert texts(read('a,b\n1,"one\n""two""\nthree"\n2,x\n'), "b")[0] == 'one\n"two"\nthree'


def test_line_ends_inside_a_cell_are_kept_whichever_they_are(read):
    assert texts(read('a,b\r\n1,"x\r\ny"\r\n2,"x\ny"\r\n'), "b") == ["x\r\ny", "x\ny"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end_ends_a_line(read, end):
    table = read(end.join(["a,b", "1,2", "3,4"]))
    assert table.column("b").values.tolist() == [2, 4]


def test_mixed_line_ends_read_right(read):
    assert read("a,b\n1,2\r\n3,4\r5,6\n").column("a").values.tolist() == [1, 3, 5]


def test_json_in_a_cell_is_text(read):
    assert texts(read('k,v\n1,"{""a"": ""p, q""}"\n2,{}\n'), "v") == ['{"a": "p, q"}', "{}"]


def test_utf8_is_read_whatever_the_script(read):
    table = read("größe,名\n1,ʤ\n2,漢\n")
    assert table.names == ("größe", "名")
    assert texts(table, "名") == ["ʤ", "漢"]


# What is understood, and said.


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(read, delimiter):
    table = read(
        "\n".join(delimiter.join(row) for row in (["a", "b", "c"], ["1", "x", "2"], ["3", "y", "4"]))
    )
    assert table.dialect.delimiter == delimiter
    assert table.names == ("a", "b", "c")


def test_a_sep_line_names_the_delimiter(read):
    table = read("sep=|\na|b,c\n1|2\n3|4\n")
    assert table.names == ("a", "b,c")
    assert table.dialect.first_line == 2


def test_the_delimiter_can_be_said(read):
    assert read("a:b\n1:2\n3:4\n", delimiter=":").names == ("a", "b")


def test_decimal_commas_are_numbers_where_the_whole_column_agrees(read):
    table = read("a;b\n1,5;x\n-2,25;y\n3;x\n")
    assert table.column("a").values.tolist() == [1.5, -2.25, 3]
    assert any("decimal comma" in note for note in table.notes)


def test_thousands_are_numbers_where_the_whole_column_agrees(read):
    table = read('a,b\n"1,234.5",1\n"12,345,678",2\n999,3\n')
    assert table.column("a").values.tolist() == [1234.5, 12345678, 999]
    assert any("thousands" in note for note in table.notes)


def test_one_decimal_comma_among_points_is_a_stray(refused):
    rows = "".join(f"{row}.5;{row % 3}\n" for row in range(20))
    error = refused(f"a;b\n{rows}7,5;1\n")
    assert [(p.line, p.column, p.kind) for p in error.problems] == [(22, 1, "text in numbers")]


@pytest.mark.parametrize("word", ["", "NA", "N/A", "#N/A", "NaN", "null", "None", "?", "-", ".", " na "])
def test_the_usual_words_for_nothing_are_missing_cells(read, word):
    table = read(f"a,b\n1,x\n{word},y\n3,{word}\n")
    assert np.array_equal(table.column("a").values, [1, np.nan, 3], equal_nan=True)
    assert texts(table, "b") == ["x", "y", ""]


def test_a_word_for_nothing_can_be_added(read, refused):
    content = "a,b\n" + "".join(f"{row},x\n" for row in range(12)) + "unknown,y\n"
    assert refused(content).problems[0].line == 14
    assert read(content, missing=["unknown"]).column("a").missing == 1


@pytest.mark.parametrize(
    "stray", ["1_000", "0x1f", "infinity", "inf", "1e400", "-1e999", "١٢", "1..2", "12abc"]
)
def test_what_only_pythons_float_would_take_for_a_number_is_a_stray(refused, stray):
    rows = "".join(f"{row},{row * 2}\n" for row in range(20))
    error = refused(f"a,b\n{rows}{stray},3\n")
    assert [(p.line, p.column, p.excerpt) for p in error.problems] == [(22, 1, stray)]
    assert stray in str(error)


def test_whole_numbers_beyond_2_to_the_63rd_are_read_and_said_to_be_inexact(read):
    table = read("a,b\n9223372036854775809,1\n12,2\n")
    assert table.column("a").values[0] == 2.0**63
    assert any("not exact" in note for note in table.notes)


def test_codes_with_leading_zeros_stay_text(read):
    assert texts(read("code,b\n00123,1\n12345,2\n00007,3\n"), "code") == ["00123", "12345", "00007"]


def test_dates_text_and_identifiers_are_told_from_categories(read):
    rows = "".join(
        f"2020-01-{row % 28 + 1:02},{'red' if row % 2 else 'blue'},P-{row}x,{'a story ' * 9}{row},{row}\n"
        for row in range(30)
    )
    table = read(f"when,colour,code,story,id\n{rows}")
    assert [column.kind for column in table.columns] == [
        "date",
        "category",
        "identifier",
        "text",
        "identifier",
    ]


def test_category_text_is_kept_exactly(read):
    assert texts(read('a,b\n1," x"\n2,x\n3,"X "\n'), "b") == [" x", "x", "X "]


def test_a_file_without_header_gets_numbered_columns(read):
    table = read("5.1,3.5,setosa\n4.9,3.0,setosa\n6.3,3.3,virginica\n")
    assert table.rows == 3
    assert table.names == ("column 1", "column 2", "column 3")
    assert not table.dialect.header
    assert any("numbered" in note for note in table.notes)


def test_the_header_can_be_said(read):
    assert read("1,2\n3,4\n5,6\n", header=True).names == ("1", "2")
    assert read("a,b\nc,d\n", header=False).rows == 2


def test_years_name_columns_too(read):
    assert read("land,1990,1991,1992\nA,1.5,2.5,3.5\nB,1,2,3\n").names == ("land", "1990", "1991", "1992")


def test_counts_instead_of_names_are_refused_with_their_line(refused):
    error = refused("150,4,setosa,versicolor\n" + "5.1,3.5,1.4,0\n4.9,3.0,1.4,1\n" * 10)
    assert [(p.line, p.kind) for p in error.problems] == [(1, "header")]


def test_empty_and_repeated_names_are_made_unique_and_said(read):
    table = read("a,,a,a (2)\n1,2,3,4\n5,6,7,8\n")
    assert table.names[:2] == ("a", "column 2")
    assert len(set(table.names)) == 4
    assert len(table.notes) == 2


def test_title_lines_are_named_and_can_be_skipped(read, refused):
    content = "Measurements\nfrom 2019\n\na,b,c\n1,2,3\n4,5,6\n"
    error = refused(content)
    assert [(p.line, p.kind) for p in error.problems] == [(1, "title"), (2, "title")]
    assert "Start at line 4" in str(error)
    assert read(content, first_line=4).names == ("a", "b", "c")


def test_footnotes_are_named_and_can_be_left_out(read, refused):
    content = "a,b,c\n1,2,3\n4,5,6\nSource: somewhere\nchecked by me\n"
    error = refused(content)
    assert [(p.line, p.kind) for p in error.problems] == [(4, "footnote"), (5, "footnote")]
    assert "leave out 2 lines at the end" in str(error)
    assert read(content, skip_last=2).rows == 2


def test_bad_rows_are_left_out_only_when_asked_and_counted(read):
    content = "a,b\n" + "".join(f"{row},{row}\n" for row in range(20)) + "1,2,3\nx,5\n7,8\n"
    table = read(content, drop_bad_rows=True)
    assert (table.rows, table.rows_left_out) == (21, 2)
    assert [p.line for p in table.problems] == [22, 23]
    assert any("2 rows were left out" in note for note in table.notes)


def test_a_damaged_header_is_refused_even_when_bad_rows_may_go(refused):
    error = refused("a,b\n" + "1,2,3\n4,5,6\n" * 5, drop_bad_rows=True)
    assert error.problems[0].line == 1


def test_no_more_than_a_hundred_problems_are_told(refused):
    error = refused("a,b\n1,2\n" * 3 + "1,2\n3,4\n5,6,7\n" * 300)
    assert len(error.problems) == 100
    assert "more than 100" in str(error)


def test_a_repeated_header_does_not_shift_the_lines_of_what_follows(read, refused):
    content = "a,b\n" + "1,2\n" * 20 + "a,b\n" + "1,2\n" * 9 + "x,2\n5,6\n"
    assert [(p.line, p.kind) for p in refused(content).problems] == [
        (22, "repeated header"),
        (32, "text in numbers"),
    ]
    table = read(content, drop_bad_rows=True)
    assert (table.rows, table.rows_left_out) == (30, 2)


def test_blank_lines_are_skipped_and_said(read):
    table = read("a,b\n1,2\n\n3,4\n\n\n")
    assert table.rows == 2
    assert "1 blank line skipped, from line 3 on." in table.notes


def test_an_unclosed_quote_is_named_by_the_line_it_opens_on(refused):
    rows = [f"{row},x{row},{row}" for row in range(3000)]
    rows[1234] = '1234,"x1234,1234'
    error = refused("a,b,c\n" + "\n".join(rows) + "\n")
    assert [(p.line, p.column, p.kind) for p in error.problems] == [(1236, 2, "unclosed quote")]


def test_an_unclosed_quote_in_a_long_cell_is_named_by_its_own_line(refused):
    error = refused('a,b,c\n1,"two\nlines",3\n4,"two\nlines","open\n5,x,6\n7,y,8\n9,z,1\n')
    assert error.problems[0].line == 5


def test_a_fault_does_not_drag_its_neighbours_along(refused):
    rows = [f'{row},"x{row}",{row}' for row in range(200)]
    for spoiled in (10, 60, 150):
        rows[spoiled] = rows[spoiled].replace('"', "", 1)
    error = refused("a,b,c\n" + "\n".join(rows) + "\n")
    assert [p.line for p in error.problems] == [12, 62, 152]


def test_a_bad_line_in_a_large_file_of_numbers_is_found(read, refused):
    rows = ["0.5,1.25,-3e-2"] * 60_000
    good = read("a,b,c\n" + "\n".join(rows) + "\n")
    assert good.rows == 60_000
    for spoiled, kind in (
        ("0.5,1.25", "missing cells"),
        ("0.5,1.25,inf", "text in numbers"),
        ('1,"2,3', None),
    ):
        rows[54_321] = spoiled
        error = refused("a,b,c\n" + "\n".join(rows) + "\n")
        assert [p.line for p in error.problems] == [54_323]
        assert kind in (None, error.problems[0].kind)


def test_a_column_that_turns_to_words_late_keeps_all_its_text(read):
    rows = [f"{row},{row}.50" for row in range(70_000)] + [f"w{row},1" for row in range(30_000)]
    table = read("a,b\n" + "\n".join(rows) + "\n")
    assert not table.column("a").numeric
    assert [table.column("a").text(row) for row in (0, 69_999, 70_000)] == ["0", "69999", "w0"]
    assert table.column("b").values[3] == 3.5


def test_progress_rises_and_the_reading_can_be_ended(read):
    told = []
    read("a,b\n" + "1,2\n" * 500_000, watch=told.append)
    assert told == sorted(told)
    assert told[-1] == 1

    class EnoughError(Exception):
        pass

    def stop(part):
        if part > 0.5:
            raise EnoughError

    with pytest.raises(EnoughError):
        read("a,b\n" + "1,2\n" * 500_000, watch=stop)


NUMBER = st.one_of(
    st.floats(allow_nan=False).map(repr),
    st.integers(-(10**20), 10**20).map(str),
    st.sampled_from(
        ["", "", "007", "0", "-0", "1e5", ".5", "5.", "+3", "1e400", "NA", " 4", "1_0", "nan", "e", "-"]
    ),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.lists(NUMBER, min_size=1, max_size=4), min_size=1, max_size=12),
    st.integers(2, 3),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["\n", "\r\n"]),
)
def test_the_fast_way_reads_what_the_strict_way_reads(tmp_path, monkeypatch, rows, width, delimiter, end):
    whole = [(row * 3)[:width] if place % 3 else row for place, row in enumerate(rows)]
    sound = [["1"] * width] * 400
    text = end.join(delimiter.join(row) for row in [[f"c{n}" for n in range(width)], *sound, *whole]) + end
    path = tmp_path / "numbers.csv"
    path.write_bytes(text.encode())

    def result():
        try:
            table = read_table(path, delimiter=delimiter)
        except TableError as error:
            return str(error), error.problems
        return [
            (c.name, c.kind, c.missing, [c.text(row) for row in range(table.rows)]) for c in table.columns
        ], table.problems

    fast = result()
    with monkeypatch.context() as strictly:
        strictly.setattr(records, "plain_numbers", lambda *_: None)
        assert result() == fast
