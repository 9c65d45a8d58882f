"""Readers of every kind of input: what comes out, and what is said of what can't."""

import gzip
import io
import json
import os
import sys
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from copydesk import Article, PredictionError
from copydesk.configs.errors import InputError
from copydesk.inference import streams
from copydesk.inference.columns import choose_columns
from copydesk.inference.inputs import Row, read_rows
from copydesk.inference.sources import InputOptions

NEWS = "Soldiers attacked the town on Monday."


def rows_of(*names: Path | str, **options: Any) -> list[Row]:
    return list(read_rows([str(name) for name in names], InputOptions(**options)))


def contents(*names: Path | str, **options: Any) -> list[Article | PredictionError]:
    return [row.content for row in rows_of(*names, **options)]


def only(*names: Path | str, **options: Any) -> Any:
    (content,) = contents(*names, **options)
    return content


def write_jsonl(path: Path, *rows: Any) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def zstd(data: bytes) -> bytes:
    import pyarrow as pa

    return pa.Codec("zstd").compress(data, asbytes=True)


def stdin(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BufferedReader(io.BytesIO(data))))


# One article each


def test_a_text_file_is_one_article_with_its_name(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(b"\xef\xbb\xbf" + NEWS.encode() + b"\r\n")
    assert only(file) == Article(text=NEWS + "\r\n", id=str(file))


@pytest.mark.parametrize("text", ["\r\nA\r\n", "e\u0301\u00a0x", "😀 \u200f\u202e", "a\0b", "\u2028x"])
def test_odd_characters_survive(tmp_path: Path, text: str) -> None:
    file = tmp_path / "odd.txt"
    file.write_bytes(text.encode())
    assert only(file).text == text
    assert only(write_jsonl(tmp_path / "odd.jsonl", {"text": text})).text == text


@pytest.mark.parametrize("name", ["a.txt.gz", "a.txt.zst"])
def test_a_compressed_text(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.write_bytes(gzip.compress(NEWS.encode()) if name.endswith("gz") else zstd(NEWS.encode()))
    assert only(file).text == NEWS


def test_another_encoding(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes("Café attacked".encode("cp1252"))
    error = only(file)
    assert "byte 3 (0xe9) is not UTF-8" in error.message
    assert "--encoding" in error.remedy
    assert only(file, encoding="cp1252").text == "Café attacked"
    file.write_bytes("Café attacked".encode("utf-16"))
    assert "UTF-16" in only(file).message
    assert only(file, encoding="utf-16").text == "Café attacked"


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"%PDF-1.7\n\xe2\xe3", "a PDF"),
        (b"PK\x03\x04\x14\xff", "Office"),
        (b"\x89PNG\r\n", "PNG"),
        (b"\x7fELF\0\0\xff", "binary"),
    ],
)
def test_a_binary_file_is_named(tmp_path: Path, data: bytes, kind: str) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(data)
    assert kind in only(file).message


@pytest.mark.parametrize("data", [b"", b" \n\t\n", b"\xef\xbb\xbf"])
def test_an_empty_file(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(data)
    assert "empty" in only(file).message


def test_a_file_too_large_is_not_read_to_its_end(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    with file.open("wb") as out:
        out.truncate(50 * 2**20)
    error = only(file)
    assert "more than 8 MB" in error.message
    assert "JSONL" in error.remedy


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    stdin(monkeypatch, NEWS.encode())
    assert only("-") == Article(text=NEWS, id="-")


def test_standard_input_as_jsonl_is_recognised(monkeypatch: pytest.MonkeyPatch) -> None:
    stdin(monkeypatch, b'\n {"text": "One."}\n{"text": "Two."}\n')
    assert [article.text for article in contents("-") if isinstance(article, Article)] == ["One.", "Two."]


def test_standard_input_as_csv(monkeypatch: pytest.MonkeyPatch) -> None:
    stdin(monkeypatch, b"body,nr\nOne.,7\n")
    assert only("-", kind="csv", columns={"id": "nr"}) == Article(text="One.", id="7")


# Tables


def test_jsonl_with_plain_names_is_understood(tmp_path: Path) -> None:
    said: list[str] = []
    row = {
        "Body": NEWS,
        "guid": 12,
        "headline": "T",
        "published": "2026-11-22",
        "outlet": "AP",
        "authors": ["A", "B"],
        "x": {},
    }
    file = write_jsonl(tmp_path / "a.jsonl", row)
    (found,) = read_rows([str(file)], InputOptions(), said.append)
    assert found.content == Article(NEWS, id="12", title="T", source="AP", date="2026-11-22", author="A, B")
    assert "text from 'Body'" in said[0]


def test_a_row_without_an_id_gets_its_place(tmp_path: Path) -> None:
    file = write_jsonl(tmp_path / "a.jsonl", {"text": "One."}, {"text": "Two."})
    assert [row.content.id for row in rows_of(file)] == [f"{file}:1", f"{file}:2"]
    assert [row.done for row in rows_of(file)][-1] == 1.0


BAD_LINES = {
    b"{not json": "not valid JSON",
    b'["a"]': "a list is no article",
    b'"text"': "a str is no article",
    b"null": "NoneType is no article",
    b'{"title": "x"}': "text is missing",
    b'{"text": null}': "text is missing",
    b'{"text": 5}': "is a number, not a string",
    b'{"text": ["a", "b"]}': "is a list, not a string",
    b'{"text": "  "}': "text is empty",
    b'{"text": "a", "id": {"x": 1}}': "the id (column 'id') is a JSON object",
    b'{"text": "a", "title": true}': "true/false",
    b'{"text": "\xff\xfe"}': "not UTF-8",
    b"[" * 100_000: "nested too deeply",
    b'{"text": "a", "n": ' + b"9" * 5000 + b"}": "not valid JSON",
    b"\0\0\0": "not valid JSON",
}


@pytest.mark.parametrize("line", BAD_LINES, ids=list(BAD_LINES.values()))
def test_a_bad_line_is_one_error_with_its_place(tmp_path: Path, line: bytes) -> None:
    file = tmp_path / "a.jsonl"
    file.write_bytes(b'{"text": "One.", "id": "1", "title": null}\n' + line + b'\n\n{"text": "Two.", "id": "2"}\n')
    first, bad, last = contents(file)
    assert isinstance(first, Article)
    assert isinstance(last, Article)
    assert isinstance(bad, PredictionError)
    assert (bad.input, bad.line) == (str(file), 2)
    assert BAD_LINES[line] in bad.message
    assert bad.remedy


def test_a_line_too_long_is_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_bytes(b'{"text": "One."}\n{"text": "' + b"x" * 5000 + b'"}\n{"text": "Two."}\n')
    first, bad, last = contents(file, max_line_bytes=1000)
    assert isinstance(bad, PredictionError)
    assert (bad.line, "longer than 1,000 bytes" in bad.message) == (2, True)
    assert (first.text, last.text) == ("One.", "Two.")  # type: ignore[union-attr]


def test_a_huge_line_is_never_held_in_memory(tmp_path: Path) -> None:
    import resource

    file = tmp_path / "a.jsonl"
    with file.open("wb") as out:
        out.write(b'{"text": "One."}\n{"text": "')
        for _ in range(100):
            out.write(b"x" * 2**20)
        out.write(b'"}\n{"text": "Two."}\n')
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert len(contents(file)) == 3
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 60_000  # KiB: the 16 MB limit and its copies


def test_csv_with_quotes_newlines_and_a_byte_order_mark(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes('\ufefftext,id\r\n"One, ""two""\nthree.",1\r\n\r\nFour.,2\r\n'.encode())
    assert contents(file) == [Article('One, "two"\nthree.', id="1"), Article("Four.", id="2")]
    assert [row.line for row in rows_of(file)] == [2, 5]


def test_csv_delimiters(tmp_path: Path) -> None:
    for name, delimiter in (("a.csv", ";"), ("b.csv", "\t"), ("c.tsv", "\t")):
        (tmp_path / name).write_text(f"id{delimiter}text\n1{delimiter}One, two.\n")
        assert only(tmp_path / name) == Article("One, two.", id="1")


def test_bad_csv_rows(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(b'text,id\nOne.,1\n\xff.,2\ntoo,many,cells\nfew\n"x"y,3\n' + b"z" * 2000 + b",4\nTwo.,5\n")
    found = contents(file, max_line_bytes=1000)
    assert [getattr(row, "line", None) for row in found] == [None, 3, 4, 5, 6, 7, None]
    messages = [row.message for row in found if isinstance(row, PredictionError)]
    for message, part in zip(
        messages, ["not UTF-8", "3 cells", "1 cells", "not valid CSV", "longer than"], strict=True
    ):
        assert part in message


def test_an_unclosed_quote_is_an_error_and_not_an_article(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(b'text,id\nOne.,1\n"Two.,2\nThree.,3\n')
    _, bad = contents(file)
    assert isinstance(bad, PredictionError)
    assert (bad.line, "not valid CSV" in bad.message) == (3, True)


def test_csv_in_another_encoding(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes("text\nCafé.\n".encode("cp1252"))
    assert only(file, encoding="cp1252").text == "Café."
    with pytest.raises(InputError, match="iconv"):
        rows_of(file, encoding="utf-16")


def test_parquet(tmp_path: Path) -> None:
    import datetime

    import pyarrow as pa
    import pyarrow.parquet as pq

    file = tmp_path / "a.parquet"
    texts = [f"Article {number}." for number in range(200)] + [None]
    table = pa.table({"content": texts, "id": list(range(201)), "date": [datetime.date(2026, 1, 2)] * 201})
    pq.write_table(table, file)
    found = contents(file)
    assert found[:2] == [
        Article("Article 0.", id="0", date="2026-01-02"),
        Article("Article 1.", id="1", date="2026-01-02"),
    ]
    assert len(found) == 201
    assert isinstance(found[200], PredictionError)
    assert found[200].line == 201


def test_damaged_parquet(tmp_path: Path) -> None:
    file = tmp_path / "a.parquet"
    file.write_bytes(b"PAR1" + bytes(100))
    with pytest.raises(InputError, match="no parquet table"):
        rows_of(file)


def test_a_datasets_folder(tmp_path: Path) -> None:
    from datasets import Dataset, DatasetDict

    train = Dataset.from_dict({"text": ["One.", "Two."], "uid": ["a", "b"]})
    train.save_to_disk(tmp_path / "one")
    assert contents(tmp_path / "one") == [Article("One.", id="a"), Article("Two.", id="b")]
    DatasetDict(train=train, test=train.select([1])).save_to_disk(tmp_path / "two")
    with pytest.raises(InputError, match="train, test"):
        rows_of(tmp_path / "two")
    assert only(tmp_path / "two", split="test") == Article("Two.", id="b")


def test_a_missing_column_names_those_there_are(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("nr,words\n1,One.\n")
    with pytest.raises(InputError, match=r"--text-column.*'nr', 'words'"):
        rows_of(file)
    with pytest.raises(InputError, match="no column 'body' for the text"):
        rows_of(file, columns={"text": "body"})
    assert only(file, columns={"text": "words"}).text == "One."


def test_a_column_is_used_once() -> None:
    columns = choose_columns(["headline", "id"], {"text": "headline"}, "x")
    assert columns.used() == {"text": "headline", "id": "id"}


@pytest.mark.parametrize("ending", ["gz", "zst"])
def test_compressed_tables(tmp_path: Path, ending: str) -> None:
    data = b'{"text": "One."}\n{"text": "Two."}\n'
    file = tmp_path / f"a.jsonl.{ending}"
    file.write_bytes(gzip.compress(data) if ending == "gz" else zstd(data))
    assert len(contents(file)) == 2
    assert 0 < (rows_of(file)[-1].done or 0) <= 1


@pytest.mark.parametrize("ending", ["gz", "zst"])
def test_damaged_compression_is_one_error(tmp_path: Path, ending: str) -> None:
    data = b"".join(b'{"text": "Number %d came %d."}\n' % (number, number**7) for number in range(20_000))
    packed = gzip.compress(data) if ending == "gz" else zstd(data)
    file = tmp_path / f"a.jsonl.{ending}"
    file.write_bytes(packed[: len(packed) // 2])
    found = contents(file)
    assert isinstance(found[-1], PredictionError)
    assert sum(isinstance(row, PredictionError) for row in found) == 1
    assert len(found) > 1000


@pytest.mark.parametrize("ending", ["gz", "zst"])
def test_a_decompression_bomb_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str) -> None:
    monkeypatch.setattr(streams, "RATIO_FREE_BYTES", 2**20)
    bomb = b'{"text": "One."}\n' + b" " * (40 * 2**20)
    file = tmp_path / f"a.jsonl.{ending}"
    file.write_bytes(gzip.compress(bomb) if ending == "gz" else zstd(bomb))
    found = contents(file)
    assert isinstance(found[-1], PredictionError)
    assert "decompression bomb" in found[-1].message


# Folders and what isn't there


def test_a_folder_is_read_in_order(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "2.txt").write_text("Two.")
    (tmp_path / "a.txt").write_text("One.")
    write_jsonl(tmp_path / "c.jsonl", {"text": "Three."}, {"text": "Four."})
    for ignored in (".hidden.txt", "notes.docx", "c.jsonl.part"):
        (tmp_path / ignored).write_text("No.")
    (tmp_path / "loop").symlink_to(tmp_path)
    found = rows_of(tmp_path)
    assert [row.content.text for row in found] == ["One.", "Two.", "Three.", "Four."]  # type: ignore[union-attr]
    assert found[1].input == str(tmp_path / "b" / "2.txt")
    assert [round(row.done or 0, 2) for row in found][-1] == 1.0


def test_the_runs_own_output_is_no_input(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("One.")
    (tmp_path / "coded.jsonl").write_text('{"text": "Two."}\n')
    assert len(contents(tmp_path, skip={(tmp_path / "coded.jsonl").resolve()})) == 1


def test_a_bad_file_in_a_folder_is_one_error(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("nr\n1\n")
    (tmp_path / "b.txt").write_text("One.")
    bad, good = contents(tmp_path)
    assert isinstance(bad, PredictionError)
    assert bad.input == str(tmp_path / "a.csv")
    assert isinstance(good, Article)


def test_what_is_not_there_is_said_at_once(tmp_path: Path) -> None:
    for names, message in (
        ([], "no input"),
        (["-", "-"], "only once"),
        ([str(tmp_path / "no.txt")], "No such file"),
        (["a\0b.txt"], "can't be opened"),
        ([str(tmp_path)], "holds nothing to read"),
    ):
        with pytest.raises(InputError, match=message):
            read_rows(names, InputOptions())
    (tmp_path / "a.json").write_text("[]")
    with pytest.raises(InputError, match="jq"):
        read_rows([str(tmp_path / "a.json")], InputOptions())


def test_a_named_pipe_is_read_once(tmp_path: Path) -> None:
    """What a shell's <(zcat …) gives: opening it twice would lose its beginning."""
    pipe = tmp_path / "pipe.jsonl"
    os.mkfifo(pipe)
    data = b"".join(b'{"text": "Number %d."}\n' % number for number in range(5000))
    writer = threading.Thread(target=pipe.write_bytes, args=(data,))
    writer.start()
    assert len(contents(pipe)) == 5000
    writer.join()


def test_compressed_files_joined_to_one(tmp_path: Path) -> None:
    """cat a.gz b.gz > c.gz is a valid file, and the same holds of zstd."""
    for name, pack in (("c.jsonl.gz", gzip.compress), ("c.jsonl.zst", zstd)):
        (tmp_path / name).write_bytes(pack(b'{"text": "One."}\n') + pack(b'{"text": "Two."}\n'))
        assert len(contents(tmp_path / name)) == 2
