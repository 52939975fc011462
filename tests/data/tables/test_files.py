import contextlib
import gzip
import io
import os
import socket
import zipfile
import zlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from epochal.data.tables import scanning
from epochal.data.tables.reading import read_table
from epochal.data.tables.table import TableError

GOOD = "name,size\n" + "".join(f"n{row % 3},{row}.5\n" for row in range(40))


@pytest.fixture
def refusal(tmp_path):
    def of(content, name="table.csv", **reading):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        with pytest.raises(TableError) as caught:
            read_table(path, **reading)
        return caught.value

    return of


def said(path):
    with pytest.raises(TableError) as caught:
        read_table(path)
    return str(caught.value)


def zipped(**files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/"), content)
    return buffer.getvalue()


def test_a_missing_file_is_said_to_be_missing(tmp_path):
    assert "does not exist" in said(tmp_path / "none.csv")


def test_a_folder_is_said_to_be_one(tmp_path):
    assert "is a folder" in said(tmp_path)


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert "is a pipe" in said(tmp_path / "pipe")


def test_a_socket_and_a_device_are_not_opened(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")
        assert "is a socket" in said("socket")
    assert "is a device" in said("/dev/zero")


def test_a_link_to_itself_is_named(tmp_path):
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    assert "leads back to itself" in said(tmp_path / "loop")


def test_a_name_with_a_nul_byte_is_no_name():
    assert "no name a file can have" in said("a\0b")


def test_an_unreadable_file_is_said_to_be_one(tmp_path, monkeypatch):
    path = tmp_path / "secret.csv"
    path.write_text(GOOD)
    path.chmod(0)

    def forbidden(*_, **__):
        raise PermissionError

    if os.access(path, os.R_OK):  # Root may read everything.
        monkeypatch.setattr("builtins.open", forbidden)
    assert "permissions" in said(path)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "is empty"),
        ("\n\n\r\n", "nothing but blank lines"),
        ("a,b,c\n", "a header and no rows"),
        ("a,b,c\n1,2,3\n", "only one row"),
        ("a\n1\n2\n3\n", "only one column"),
        (b"\x89PNG\r\n\x1a\n\0\0", "is a PNG picture"),
        (b"%PDF-1.7\n", "is a PDF document"),
        (b"\x7fELF\x02\x01", "is a program"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "old Excel"),
        (b"PAR1\x15\x04", "is a Parquet file"),
        (b"BZh91AY", "compressed with bzip2"),
        (b"a,b\n1,2\n3,\0\n", "NUL byte in line 3"),
    ],
)
def test_what_is_no_table_is_called_what_it_is(refusal, content, words):
    assert words in str(refusal(content))


def test_workbooks_and_documents_are_told_from_zip_archives(refusal):
    assert "Excel workbook: open it there and save it as CSV" in str(
        refusal(zipped(xl__workbook="x"), "book.xlsx")
    ).replace("not a text table: ", "").replace(", open", ": open")
    assert "OpenDocument" in str(refusal(zipped(**{"content.xml": "x"}), "book.ods"))
    assert "holds 2 files" in str(refusal(zipped(a="1", b="2"), "two.zip"))


@pytest.mark.parametrize("cut", [12, 60, -9, -1])
def test_a_truncated_gzip_file_is_said_to_be_cut_off(refusal, cut):
    assert "cut off" in str(refusal(gzip.compress(GOOD.encode() * 20)[:cut], "table.csv.gz"))


def test_a_damaged_gzip_file_cannot_be_expanded(refusal):
    packed = bytearray(gzip.compress(GOOD.encode()))
    packed[-6] ^= 255
    assert "cannot be expanded" in str(refusal(bytes(packed), "table.csv.gz"))


def test_a_gzip_bomb_is_not_blown_up(refusal):
    packer = zlib.compressobj(wbits=31)
    packed = b"".join(packer.compress(b"0,1\n" * 250_000) for _ in range(100)) + packer.flush()
    assert "no honest table" in str(refusal(packed, "bomb.csv.gz"))


@pytest.mark.parametrize(("name", "pack"), [("t.csv.gz", gzip.compress), ("t.zip", lambda b: zipped(t=b))])
def test_compressed_tables_read_as_plain_ones(tmp_path, name, pack):
    (tmp_path / name).write_bytes(pack(GOOD.encode()))
    table = read_table(tmp_path / name)
    assert (table.name, table.rows, table.size) == ("t", 40, len(GOOD))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "windows-1252"])
def test_every_usual_encoding_is_recognised(tmp_path, encoding):
    path = tmp_path / "t.csv"
    path.write_bytes("naïve,größe\nJosé,1\nZoë,2\n".encode(encoding))
    table = read_table(path)
    assert table.names == ("naïve", "größe")
    assert table.columns[0].text(0) == "José"
    assert table.dialect.encoding == encoding


def test_an_8_bit_file_is_read_as_windows_1252_and_its_first_such_line_said(tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes(b"a,b\nx,1\ncaf\xe9,2\n")
    table = read_table(path)
    assert table.columns[0].text(1) == "café"
    assert any("Line 3" in note and "Windows-1252" in note for note in table.notes)


def test_a_character_cut_off_at_the_end_is_refused(refusal):
    assert "neither UTF-8 nor Windows-1252" in str(refusal(b"a,b\n1,2\n3,\xe1\x8d"))


def test_a_few_bad_bytes_in_a_utf8_file_are_located(refusal):
    rows = [f"é{row},{row}".encode() for row in range(50)]
    rows[30] = b"\xe9,30"
    assert [(p.line, p.kind) for p in refusal(b"a,b\n" + b"\n".join(rows)).problems] == [(32, "encoding")]


def test_an_encoding_can_be_said_and_must_exist_and_fit(tmp_path, refusal):
    path = tmp_path / "t.csv"
    path.write_bytes("имя,b\nда,1\nнет,2\n".encode("cp1251"))
    assert read_table(path, encoding="cp1251").names[0] == "имя"
    assert "no encoding called 'utf-9'" in str(refusal(GOOD, encoding="utf-9"))
    error = refusal(b"a,b\n1,2\n\xe9,3\n", encoding="utf-8")
    assert error.problems[0].line == 3


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text(GOOD)

    def run_seeds(part):
        with path.open("a") as file:
            file.write("n1,5\n")

    with pytest.raises(TableError, match="changed while it was read"):
        read_table(path, watch=run_seeds)


def test_names_with_brackets_mean_themselves(tmp_path):
    (tmp_path / "x[1].csv").write_text("a,b\n1,2\n3,4\n")
    (tmp_path / "x1.csv").write_text("c,d\n5,6\n7,8\n")
    assert read_table(tmp_path / "x[1].csv").names == ("a", "b")


def test_a_line_of_10_mb_in_one_cell_is_named(refusal):
    error = refusal("a,b\n1,2\n" + "x" * 10_000_000 + ",3\n4,5\n")
    assert [(p.line, p.kind) for p in error.problems] == [(3, "long cell")]


def test_a_line_longer_than_any_table_has_is_refused(refusal, monkeypatch):
    monkeypatch.setattr(scanning, "LONGEST_LINE", 1 << 20)
    assert "line 2: longer than" in str(refusal("a,b\n" + "1" * (3 << 20)))


def test_20_000_columns_are_read(tmp_path):
    path = tmp_path / "wide.csv"
    names = ",".join(f"c{n}" for n in range(20_000))
    path.write_text("\n".join([names, *[",".join(["1.5"] * 20_000)] * 3]))
    assert len(read_table(path).columns) == 20_000


def test_the_fingerprint_is_that_of_the_bytes(tmp_path):
    import hashlib

    path = tmp_path / "t.csv"
    path.write_text(GOOD)
    assert read_table(path).sha256 == hashlib.sha256(GOOD.encode()).hexdigest()


ANY = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@ANY
@given(st.binary(max_size=200) | st.text("ab1,;\"\n\r '\\.-", max_size=80).map(str.encode), st.booleans())
def test_no_bytes_at_all_raise_anything_but_a_table_error(tmp_path, content, drop):
    path = tmp_path / "any"
    path.write_bytes(content)
    try:
        table = read_table(path, drop_bad_rows=drop)
    except TableError:
        return
    assert table.rows >= 2


@ANY
@given(st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), min_size=1, max_size=6))
def test_no_change_to_a_sound_file_raises_anything_but_a_table_error(tmp_path, changes):
    content = bytearray(GOOD.encode())
    for place, value in changes:
        content[place] = value
    path = tmp_path / "any"
    path.write_bytes(content)
    with contextlib.suppress(TableError):
        assert read_table(path).rows >= 2
