import numpy as np
import pytest

from epochal.data.tables.dataset import dataset_from
from epochal.data.tables.reading import read_table
from epochal.data.tables.table import TableError

SPINE = """% Two comments
% above everything
@RELATION 'spine data'

@ATTRIBUTE pelvic_incidence numeric
@attribute 'lumbar angle' REAL
@attribute story string
@attribute seen date "yyyy-MM-dd"
@attribute class {Normal, 'Very abnormal', "it's"}

@DATA
1.5, 2, 'x, y', "2020-01-01", 'Very abnormal'
% a comment between rows
?, 3e2, ?, ?, Normal
2,2,'it\\'s',2020-01-03,"it's"
{0 3, 1 -1, 4 "it's"}
"""


@pytest.fixture
def read(tmp_path):
    def write_and_read(text, name="t.arff", **reading):
        path = tmp_path / name
        path.write_text(text)
        return read_table(path, **reading)

    return write_and_read


def test_attributes_and_records_are_read_by_their_declarations(read):
    table = read(SPINE)
    assert table.names == ("pelvic_incidence", "lumbar angle", "story", "seen", "class")
    assert np.array_equal(table.column("pelvic_incidence").values, [1.5, np.nan, 2, 3], equal_nan=True)
    assert table.column("lumbar angle").values.tolist() == [2, 300, 2, -1]
    assert [table.column("story").text(row) for row in range(3)] == ["x, y", "", "it's"]
    assert table.column("seen").kind == "date"


def test_the_declared_order_of_a_nominal_attribute_is_the_order_of_the_classes(read):
    table = read(SPINE)
    assert table.column("class").categories == ("Normal", "Very abnormal", "it's")
    assert table.column("class").values.tolist() == [1, 0, 2, 2]
    assert dataset_from(table).examples.classes == ("Normal", "Very abnormal", "it's")


def test_a_sparse_record_leaves_out_zeros_and_first_values(read):
    table = read("@relation s\n@attribute a numeric\n@attribute b {p,q}\n@data\n{0 2}\n{1 q}\n{}\n")
    assert table.column("a").values.tolist() == [2, 0, 0]
    assert table.column("b").values.tolist() == [0, 1, 0]


def test_the_format_is_known_by_its_content_not_its_name(read):
    assert read(SPINE, name="t.txt").rows == 4


@pytest.mark.parametrize(
    ("bad", "column", "kind"),
    [
        ("1,2,s,2020-01-01", 5, "missing cells"),
        ("1,2,s,2020-01-01,Normal,7", 6, "extra cells"),
        ("x,2,s,2020-01-01,Normal", 1, "text in numbers"),
        ("1_0,2,s,2020-01-01,Normal", 1, "text in numbers"),
        ("1e999,2,s,2020-01-01,Normal", 1, "text in numbers"),
        ("1,2,s,2020-01-01,Odd", 5, "undeclared value"),
        ("1,2,'s,2020-01-01,Normal", 3, "quote"),
        ("{9 1}", 10, "extra cells"),
    ],
)
def test_a_bad_record_is_named_and_can_be_left_out(read, bad, column, kind):
    with pytest.raises(TableError) as caught:
        read(SPINE + bad + "\n")
    assert [(p.line, p.column, p.kind) for p in caught.value.problems] == [(17, column, kind)]
    table = read(SPINE + bad + "\n", drop_bad_rows=True)
    assert (table.rows, table.rows_left_out) == (4, 1)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("@relation r\n@attribute a numeric\n", "no @data line"),
        ("@relation r\n@attribute a relational\n@data\n", "line 2"),
        ("@relation r\n@attribute a numeric\n@attribute a real\n@data\n1,2\n", "two attributes are called a"),
        ("@relation r\nhello\n@data\n", "line 2"),
        ("@relation r\n@attribute a numeric\n@data\n", "0 rows"),
    ],
)
def test_a_faulty_declaration_is_refused(read, text, words):
    with pytest.raises(TableError, match=words):
        read(text)
