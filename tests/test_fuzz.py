"""Generated input of every kind: no crash, one record for each input, and evidence that stands where it says.

The number of generated rows is set by the environment: ``COPYDESK_FUZZ_INPUTS=20000 pytest tests/test_fuzz.py``.
"""

import csv
import io
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from copydesk import ArticlePredictor, Prediction, PredictionError
from copydesk.inference.batch import LocalEngine, run_to_stream
from copydesk.inference.inputs import read_rows
from copydesk.inference.options import PredictOptions
from copydesk.inference.outputs import FORMATS, encoder
from copydesk.inference.record_schema import published_schema
from copydesk.inference.records import Result, json_line, result_from_dict
from copydesk.inference.sources import InputOptions
from copydesk.inference.terminal import visible

INPUTS = int(os.environ.get("COPYDESK_FUZZ_INPUTS", "600"))
ROWS = 10
"""Rows of a generated table."""

tables = settings(
    max_examples=max(1, INPUTS // ROWS),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
singles = settings(tables, max_examples=max(1, INPUTS // 4))

WORDS = [
    "Police",
    "arrested",
    "shelled",
    "U.S.",
    "Nov.",
    "“Stop,”",
    "he",
    "said.",
    "\n",
    "\n\n",
    "(AP)",
    "-",
    "Read more",
    "5.5",
    "...",
    "'s",
]
prose = st.lists(st.sampled_from(WORDS), max_size=30).map(" ".join)
texts = st.one_of(
    prose,
    st.text(max_size=60),
    st.text(st.sampled_from("aé\u0301\u200f\u202e\0\r\n\t .\"'“”😀\ufeff\u2028\x85İß"), max_size=60),
)
scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), texts)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3), max_leaves=5
)
objects = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(("text", "id", "title", "date", "source", "url", "author", "x"), values | texts),
)


def dumped(value: Any) -> bytes:
    return json.dumps(value).encode()


json_lines = st.one_of(
    objects.map(dumped),
    st.fixed_dictionaries({"text": texts, "id": texts}).map(dumped),
    values.map(dumped),
    st.binary(max_size=80),
    st.builds(lambda data, cut: data[:cut], objects.map(dumped), st.integers(0, 60)),
    st.integers(1, 3000).map(lambda depth: b"[" * depth),
    st.integers(1, 3000).map(lambda depth: b'{"text":' * depth),
).map(lambda line: line.replace(b"\n", b" "))


def coded(desk: ArticlePredictor, path: Path, **options: Any) -> list[Result]:
    """The whole way of a table: reading, predicting, writing; the results as they are read back from the output."""
    results: list[Result] = []
    engine = LocalEngine(desk, PredictOptions.of(["strike", "shelling"]))
    run_to_stream(read_rows([str(path)], InputOptions(**options)), engine, results.append)
    check(results)
    return results


def check(results: Iterable[Result]) -> None:
    validator = Draft202012Validator(published_schema())
    for result in results:
        record = json.loads(json_line(result.to_dict()).encode())
        validator.validate(record)
        assert result_from_dict(record) == result
        for form in FORMATS:
            encoder(form).encode(result).encode()
        if isinstance(result, PredictionError):
            assert "This is a bug" not in result.remedy, result
            assert result.message
            visible(str(result))
        else:
            proofs = [
                *result.summary,
                *(proof for answer in (*result.events, *result.stances) for proof in answer.evidence),
            ]
            assert all(result.article.text[proof.start : proof.end] == proof.text for proof in proofs)


@tables
@given(st.lists(json_lines, min_size=ROWS, max_size=ROWS))
def test_jsonl_gives_one_record_for_each_line(tiny: ArticlePredictor, tmp_path: Path, lines: list[bytes]) -> None:
    path = tmp_path / "fuzz.jsonl"
    path.write_bytes(b'{"text": "A first article.", "id": "first"}\n' + b"\n".join(lines))
    results = coded(tiny, path, max_line_bytes=2000)
    assert len(results) == 1 + sum(bool(line.strip()) for line in lines)
    assert all(isinstance(result, Prediction) or result.line for result in results)


@tables
@given(st.lists(st.lists(texts, min_size=1, max_size=4), min_size=ROWS, max_size=ROWS))
def test_csv_gives_one_record_for_each_row(tiny: ArticlePredictor, tmp_path: Path, rows: list[list[str]]) -> None:
    path = tmp_path / "fuzz.csv"
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerows([["text", "id", "title"], *rows])
    path.write_bytes(buffer.getvalue().encode("utf-8", "surrogatepass"))
    assert len(coded(tiny, path)) == len(rows)


@tables
@given(st.lists(st.binary(max_size=100), min_size=ROWS, max_size=ROWS))
@example([b'"', b'""', b'"a', b"\0", b"\r"] * 2)
def test_csv_of_any_bytes_ends_well(tiny: ArticlePredictor, tmp_path: Path, lines: list[bytes]) -> None:
    """What a row is can't be told in broken CSV; but there are no more records than lines, each with a line of its own."""
    path = tmp_path / "fuzz.csv"
    path.write_bytes(b"text,id\n" + b"\n".join(lines))
    rows = list(read_rows([str(path)], InputOptions()))
    places = [row.line for row in rows]
    assert places == sorted(set(places), key=lambda line: line or 0)
    coded(tiny, path)


@singles
@given(st.binary(max_size=200) | texts.map(lambda text: text.encode("utf-8", "surrogatepass")))
@pytest.mark.parametrize("name", ["a.txt", "a.txt.gz", "a.txt.zst", "a.html"])
def test_a_file_gives_one_record(tiny: ArticlePredictor, tmp_path: Path, name: str, data: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    assert len(coded(tiny, path)) == 1


@singles
@given(texts)
def test_any_text_can_be_predicted(tiny: ArticlePredictor, text: str) -> None:
    check(tiny.predict_batch([text]))


@settings(tables, max_examples=max(1, INPUTS // 40))
@given(texts, texts)
def test_any_text_can_be_predicted_by_the_baseline(baseline: ArticlePredictor, text: str, target: str) -> None:
    targets = [target] if target.strip() and "\ud800" not in target else None
    check(baseline.predict_batch([text], targets=targets))
