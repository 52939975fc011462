import json

import pytest

from epochal.data.tables.bundled import open_table
from epochal.data.tables.dataset import dataset_from
from epochal.data.tables.inspection import inspection
from epochal.data.tables.reading import read_table
from epochal.data.tables.table import TableError

KEYS = {
    *("rows", "columns", "target", "target_reason", "task", "dialect", "problems", "notes", "offers"),
    *("left_out", "rows_left_out", "rows_without_target"),
}


def test_a_sound_table_is_reported_with_all_keys():
    table = open_table("penguins")
    report = json.loads(json.dumps(inspection(table, dataset_from(table))))
    assert set(report) == KEYS
    assert (report["rows"], report["target"], report["task"]) == (344, "species", "classification")
    assert report["columns"][6] == {"name": "sex", "type": "category", "missing": 11}
    assert report["dialect"] == {"delimiter": ",", "encoding": "utf-8", "header": True, "first_line": 1}
    assert report["problems"] == []


def test_a_refused_table_is_reported_as_far_as_it_was_understood(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a;b\n1;2\n3;4\n5\n6;7\n")
    with pytest.raises(TableError) as caught:
        read_table(path)
    report = inspection(caught.value)
    assert set(report) == KEYS
    assert report["rows"] == 3
    assert report["dialect"]["delimiter"] == ";"
    assert report["problems"] == [{"line": 4, "column": 2, "kind": "missing cells", "excerpt": "5"}]
    assert "line 4" in report["notes"][0]


def test_a_file_that_is_no_table_is_reported_too(tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes(b"\x89PNG")
    with pytest.raises(TableError) as caught:
        read_table(path)
    report = inspection(caught.value)
    assert set(report) == KEYS
    assert (report["rows"], report["columns"], report["dialect"]) == (0, [], None)


def test_a_table_without_anything_to_learn_says_why():
    table = open_table("iris")
    with pytest.raises(TableError) as caught:
        dataset_from(table, ignore=table.names[:4])
    report = inspection(table, caught.value)
    assert "No column is left" in report["notes"][0]
    assert report["rows"] == 150
