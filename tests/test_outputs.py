"""What is written: JSONL under its published schema, CSV that no spreadsheet runs, parquet, ninjs, and the page."""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from rich.console import Console

from copydesk import Article, ArticlePredictor, Prediction, PredictionError
from copydesk.inference.ninjs import to_ninjs
from copydesk.inference.outputs import FORMATS, convert_to_parquet, encoder, read_parquet
from copydesk.inference.page import print_page
from copydesk.inference.record_schema import published_schema, record_schema
from copydesk.inference.records import Result, json_line, result_from_dict
from copydesk.inference.terminal import visible
from copydesk.models.schema import SCHEMA_VERSION

TEXT = (
    "The army of Velia shelled the town of Orsk on Monday. Velia accused Dorland of it. Dorland condemned the attack."
)
ERROR = PredictionError("the text is empty.", "Give some.", input="a.jsonl", line=3, id="x")


@pytest.fixture(scope="module")
def results(tiny: ArticlePredictor) -> list[Result]:
    known = Article(
        text=TEXT,
        id="../../etc/passwd",
        title="T",
        source="AP",
        date="2026-11-22T10:00:00+01:00",
        url="https://example.org/a",
        author="A. B.",
    )
    return [
        tiny.predict(known, targets=["Velia", "Mars"]),
        tiny.predict("Rain.", targets=[]),
        tiny.predict("Read more", targets=[]),
        ERROR,
    ]


def page(result: Result, width: int = 100) -> str:
    console = Console(file=io.StringIO(), width=width, color_system=None)
    print_page(result, console)
    return console.file.getvalue()  # type: ignore[attr-defined,no-any-return]


# JSON


def test_the_published_schema_is_the_records_own() -> None:
    assert published_schema() == record_schema(), "run: python -m copydesk.inference.record_schema"
    Draft202012Validator.check_schema(published_schema())


def test_every_record_follows_the_schema(results: list[Result]) -> None:
    validator = Draft202012Validator(published_schema())
    for result in results:
        validator.validate(json.loads(json_line(result.to_dict())))


@pytest.mark.parametrize(
    "break_it",
    [
        lambda record: record.pop("events"),
        lambda record: record.update(extra=1),
        lambda record: record.update(schema_version="2.0"),
        lambda record: record["stances"][0].update(polarity="hates"),
        lambda record: record["summary"][0].update(start="0"),
    ],
)
def test_the_schema_refuses_what_is_no_record(results: list[Result], break_it: Any) -> None:
    record = json.loads(json_line(results[0].to_dict()))
    break_it(record)
    assert not Draft202012Validator(published_schema()).is_valid(record)


def test_every_field_is_described() -> None:
    for name, definition in published_schema()["$defs"].items():
        missing = [field for field, prop in definition["properties"].items() if "description" not in prop]
        assert not missing, (name, missing)


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_a_record_is_one_line_to_every_reader(text: str) -> None:
    error = PredictionError(text, input=text, id=text)
    line = json_line(error.to_dict())
    assert line.endswith("\n")
    assert len(line.splitlines()) == 1
    assert result_from_dict(json.loads(line)) == error


def test_results_are_read_back(results: list[Result]) -> None:
    assert [result_from_dict(json.loads(encoder("jsonl").encode(result))) for result in results] == results
    for wrong in ({"schema_version": "1.0"}, {"error": {"line": 1}}, {"error": {"no": 1}}, {"error": 3}):
        with pytest.raises(ValueError, match="not a copydesk"):
            result_from_dict(wrong)


# CSV


def csv_rows(results: Sequence[Result]) -> list[dict[str, str]]:
    form = encoder("csv")
    text = form.head + "".join(form.encode(result) for result in results)
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_csv_has_a_row_for_each_event_and_stance(results: list[Result]) -> None:
    rows = csv_rows(results)
    first = results[0]
    assert isinstance(first, Prediction)
    kinds = [row["kind"] for row in rows]
    assert kinds == ["event"] * len(first.events) + ["stance"] * 2 + ["none", "none", "error"]
    event = rows[0]
    assert TEXT[int(event["start"]) : int(event["end"])] == event["evidence"]
    assert (event["article_id"], event["model"], event["schema_version"]) == (
        "../../etc/passwd",
        "tiny",
        SCHEMA_VERSION,
    )
    assert (rows[-1]["input"], rows[-1]["line"], rows[-1]["error"]) == ("a.jsonl", "3", "the text is empty. Give some.")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝"])
def test_no_cell_is_a_formula(results: list[Result], start: str) -> None:
    first = results[0]
    assert isinstance(first, Prediction)
    evil = f"{start}HYPERLINK(1)"
    article = replace(first.article, id=evil, title=evil, url=evil, source=evil)
    stance = replace(first.stances[0], holder=evil, target=evil)
    rows = csv_rows([replace(first, article=article, stances=(stance,)), replace(ERROR, message=evil, input=evil)])
    cells = [cell for row in rows for cell in row.values() if "HYPERLINK" in cell]
    assert len(cells) > 6
    assert all(cell.startswith("'") for cell in cells)


# Parquet


def test_parquet_holds_the_same_records(results: list[Result], tmp_path: Path) -> None:
    staged, target = tmp_path / "a.part", tmp_path / "a.parquet"
    staged.write_text("".join(encoder("parquet").encode(result) for result in results * 400), encoding="utf-8")
    convert_to_parquet(staged, target)
    assert list(read_parquet(target)) == results * 400


def test_parquet_without_any_event_has_the_same_columns(results: list[Result], tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    schemas = []
    for number, part in enumerate(([], results[3:], results)):
        staged, target = tmp_path / "a.part", tmp_path / f"{number}.parquet"
        staged.write_text("".join(encoder("parquet").encode(result) for result in part), encoding="utf-8")
        convert_to_parquet(staged, target)
        schemas.append(pq.read_schema(target))
    assert schemas[0] == schemas[1] == schemas[2]


# ninjs

NINJS_PROPERTIES = {
    "uri", "standard", "type", "representationtype", "language", "contentcreated", "title", "by", "headlines",
    "descriptions", "bodies", "subjects", "people", "organisations", "places", "infosources", "altids", "ednote",
}  # fmt: skip
"""Those of the ninjs 2.1 schema that we use; its items allow no others."""


def test_ninjs_items(results: list[Result]) -> None:
    first, second, *_ = results
    assert isinstance(first, Prediction)
    assert isinstance(second, Prediction)
    item = to_ninjs(first)
    assert set(item) <= NINJS_PROPERTIES
    assert item["uri"] == "https://example.org/a"
    assert item["contentcreated"] == "2026-11-22T10:00:00+01:00"
    assert item["bodies"][0]["value"] == TEXT
    assert all(
        set(subject) <= {"name", "rel", "literal", "creator", "confidence"}
        and (subject.get("confidence") is None or 0 <= subject["confidence"] <= 100)
        for subject in item["subjects"]
    )
    assert {"role": "copydesk:id", "value": "../../etc/passwd"} in item["altids"]
    assert to_ninjs(second)["uri"].startswith("urn:uuid:")
    assert encoder("ninjs").encode(ERROR) == ""


@pytest.mark.parametrize("date", [None, "2026-11-22", "yesterday"])
def test_ninjs_makes_no_date_up(results: list[Result], date: str | None) -> None:
    first = results[0]
    assert isinstance(first, Prediction)
    assert "contentcreated" not in to_ninjs(replace(first, article=replace(first.article, date=date)))


# The page


def test_the_page_shows_everything(results: list[Result]) -> None:
    first = results[0]
    assert isinstance(first, Prediction)
    shown = page(replace(first, warnings=("Something to know.",)))
    for part in (
        "Summary",
        "What happened",
        "Who stands where",
        "Something to know.",
        "against",
        "not mentioned",
        "model tiny",
    ):
        assert part in shown
    assert "“The army of Velia shelled the town of Orsk on Monday.”" in shown
    assert "no prose" in page(results[2])
    assert "a.jsonl:3" in page(results[3])


@pytest.mark.parametrize("width", [20, 40, 80, 200])
def test_the_page_fits_every_terminal(results: list[Result], width: int) -> None:
    assert all(len(line) <= width for result in results for line in page(result, width).splitlines())


@given(st.text())
def test_nothing_steers_the_terminal(text: str) -> None:
    shown = visible(text + "\x1b]0;owned\x07\x1b[2J\x9b31m\u202e")
    assert not any(letter in shown for letter in "\x1b\x07\x9b\u202e\r\n\0\b")


def test_markup_in_an_article_is_only_text(tiny: ArticlePredictor) -> None:
    shown = page(tiny.predict("The [bold red]army[/] shelled [link=http://x]Velia[/link] on Monday."))
    assert "[bold red]army[/]" in shown


# The formats together


def test_every_format_has_an_encoder(results: list[Result]) -> None:
    for form in FORMATS:
        assert encoder(form).encode(results[0])
