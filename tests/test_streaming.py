"""Streamed training tables: the rows of held ones, little memory however long they are, and faults told before training."""

import csv
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tiny_runs import run_until_killed, same, tiny_recipe, weights

from copydesk.configs.errors import ConfigError, InputError
from copydesk.configs.recipe_reader import TaskRecipe
from copydesk.training import streamed_table
from copydesk.training.adapters import Context
from copydesk.training.reader_run import recipe_from, run
from copydesk.training.reader_tasks import set_up
from copydesk.training.streamed_table import StreamedTable, stream_table
from copydesk.training.task_stream import TaskStream

Rows = list[dict[str, Any]]
EVENTS: Rows = [
    {"body": f"{who} in the {where}", "kind": kind, "mode": mode}
    for who, kind, mode in (("protesters", "protest", ""), ("soldiers", "battle", ""), ("rebels", "battle", "shelling"))
    for where in ("city", "town", "village", "border", "square")
]


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import datasets.config

    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", str(tmp_path / "cache"))


def as_jsonl(path: Path, rows: Rows) -> str:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(path)


def as_csv(path: Path, rows: Rows) -> str:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return str(path)


def as_parquet(path: Path, rows: Rows) -> str:
    import pyarrow
    import pyarrow.parquet

    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), path)
    return str(path)


@pytest.fixture
def values(tmp_path: Path) -> dict[str, Any]:
    """A recipe that streams one table of events, with a dev table of its own."""
    (tmp_path / "labels.txt").write_text("protest\nbattle\nbattle/shelling\n", encoding="utf-8")
    return tiny_recipe(
        tmp_path,
        schedule={"steps": 8, "tokens_per_batch": 64, "learning_rate": 1e-2, "head_learning_rate": 1e-2},
        tasks=[
            {
                "name": "events",
                "adapter": "events",
                "table": as_jsonl(tmp_path / "train.jsonl", EVENTS),
                "dev": as_jsonl(tmp_path / "dev.jsonl", EVENTS),
                "codebook": str(tmp_path / "labels.txt"),
                "columns": {"text": "body"},
                "label_columns": ["kind", "mode"],
                "share": 1.0,
                "max_tokens": 32,
                "streaming": True,
            }
        ],
    )


@pytest.mark.parametrize(("suffix", "write"), [(".jsonl", as_jsonl), (".csv", as_csv), (".parquet", as_parquet)])
def test_it_has_the_rows_that_a_held_table_has(
    suffix: str, write: Callable[[Path, Rows], str], values: dict[str, Any], tmp_path: Path
) -> None:
    from transformers import AutoTokenizer

    values["tasks"][0]["table"] = write(tmp_path / f"table{suffix}", EVENTS)
    tokenizer = AutoTokenizer.from_pretrained(values["base"])
    streamed = set_up(recipe_from(values).tasks[0], recipe_from(values), tokenizer)
    values["tasks"][0]["streaming"] = False
    held = set_up(recipe_from(values).tasks[0], recipe_from(values), tokenizer)
    assert isinstance(streamed.stream.rows, StreamedTable)
    assert len(streamed.stream.rows) == len(EVENTS)
    assert list(streamed.stream.rows) == list(held.stream.rows)
    assert streamed.stream.rows.labels == {"protest": 5, "battle": 5, "battle/shelling": 5}
    assert streamed.dev
    assert held.dev
    assert streamed.dev.rows == held.dev.rows


@pytest.mark.parametrize("streaming", [True, False])
def test_labels_that_are_numbers_in_the_table_are_text(streaming: bool, values: dict[str, Any], tmp_path: Path) -> None:
    rows = [{"body": f"protesters in the {where}", "kind": number} for where in ("city", "town") for number in (1, 2)]
    (tmp_path / "numbers.txt").write_text("1\n2\n", encoding="utf-8")
    files = {"table": as_csv(tmp_path / "n.csv", rows), "codebook": str(tmp_path / "numbers.txt")}
    values["tasks"][0] |= files | {"dev": files["table"], "label_columns": ["kind"], "streaming": streaming}
    assert run(recipe_from(values)).is_dir()
    values["tasks"][0] |= {"label_columns": [], "columns": {"text": "body", "label": "kind"}}
    assert run(recipe_from(values | {"work": str(tmp_path / "w2")})).is_dir()


def numbered(path: Path, count: int, **options: Any) -> StreamedTable:
    rows = [{"premise": f"p {n}", "hypothesis": "x" * (n % 7), "label": "neutral"} for n in range(count)]
    columns = ("premise", "hypothesis", "label")
    return stream_table(as_jsonl(path, rows), columns, dict, may_be_empty=("hypothesis",), **options)


def test_each_pass_has_every_row_once_in_another_order(tmp_path: Path) -> None:
    table = numbered(tmp_path / "t.jsonl", 300)
    passes = [[row["premise"] for row in table.shuffled(7, passed)] for passed in (0, 1)]
    in_order = [row["premise"] for row in table]
    assert passes[0] != passes[1]
    assert in_order not in passes
    assert sorted(passes[0]) == sorted(passes[1]) == sorted(in_order)
    assert passes[1] == [row["premise"] for row in table.shuffled(7, 1)]
    assert passes[1] != [row["premise"] for row in table.shuffled(8, 1)]


def test_a_row_can_move_as_far_as_the_buffer_reaches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streamed_table, "SHUFFLE_ROWS", 10)
    places = [int(row["premise"][2:]) for row in numbered(tmp_path / "t.jsonl", 300).shuffled(7, 0)]
    assert max(number - place for place, number in enumerate(places)) <= 10


def test_the_limit_takes_the_first_rows(tmp_path: Path) -> None:
    table = numbered(tmp_path / "t.jsonl", 300, limit=20)
    assert len(table) == 20
    assert {row["premise"] for row in table.shuffled(7, 0)} == {f"p {n}" for n in range(20)}


def test_a_stream_restored_at_a_batch_gives_the_same_batches(tmp_path: Path) -> None:
    task = TaskRecipe(name="t", adapter="entailment", table="", share=1.0, streaming=True)
    table = numbered(tmp_path / "t.jsonl", 50)
    stream = TaskStream(Context(task), table, lambda texts: [len(text) for text in texts], 60, seed=1)
    first = [batch for batch, _ in zip(stream.batches(), range(60), strict=False)]
    assert len(first) == 60  # more than a pass: the table is read again
    assert first[23:40] == [batch for batch, _ in zip(stream.batches(skip=23), range(17), strict=False)]
    one_pass = [example for batch in first for example in batch][:50]
    assert len(set(one_pass)) == 50  # every row once before any comes again


def test_a_killed_run_goes_on_exactly(values: dict[str, Any], tmp_path: Path) -> None:
    values["checkpoint_minutes"] = 1e-9  # a checkpoint after every step
    values["tasks"][0]["negatives"] = "confused"  # mined from the stream as well
    whole = run(recipe_from(values | {"output": str(tmp_path / "whole"), "work": str(tmp_path / "w1")}))
    run_until_killed(recipe_from(values), 5)
    assert same(weights(whole), weights(run(recipe_from(values))))


_PEAK = """
import resource, sys
from copydesk.training import streamed_table

streamed_table.SHUFFLE_ROWS = 1000

def pass_over(path):
    table = streamed_table.stream_table(path, ("text", "label"), dict, known=("a", "b"))
    rows = sum(len(row["text"]) > 0 for row in table.shuffled(1, 0))
    return rows, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

for path in sys.argv[1:]:
    print(*pass_over(path))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is read in Linux's units")
def test_a_long_table_takes_no_more_memory_than_a_shorter_one(tmp_path: Path) -> None:
    """50,000 rows of 4 KB are 200 MB, and more as Python's; 5,000 fill the buffer and all that is read at a time."""
    text = "the army left the town " * 172
    paths = [tmp_path / "short.jsonl", tmp_path / "long.jsonl"]
    for path, count in zip(paths, (5_000, 50_000), strict=True):
        with path.open("w", encoding="utf-8") as file:
            file.writelines(f'{{"text": "{n} {text}", "label": "{"ab"[n % 2]}"}}\n' for n in range(count))
    done = subprocess.run([sys.executable, "-c", _PEAK, *map(str, paths)], capture_output=True, text=True, check=True)
    (short, peak), (long, later) = (map(int, line.split()) for line in done.stdout.splitlines())
    assert (short, long) == (5_000, 50_000)
    assert later - peak < 80  # MB


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"body": "", "kind": "battle", "mode": ""}, "row 16 has an empty 'body'. Fill it"),
        (
            {"body": "A flood.", "kind": "flood", "mode": ""},
            "row 16 has the label 'flood', which is unknown. Known labels: protest",
        ),
        ({"body": "A flood.", "kind": "battle"}, None),  # a column of the label that is empty is left out of it
    ],
)
def test_a_bad_row_at_the_end_is_told_before_training(
    row: dict[str, Any], message: str | None, values: dict[str, Any], tmp_path: Path
) -> None:
    values["tasks"][0]["table"] = as_jsonl(tmp_path / "bad.jsonl", [*EVENTS, row])
    if message is None:
        assert run(recipe_from(values)).is_dir()
        return
    with pytest.raises(InputError, match=message) as raised:
        run(recipe_from(values))
    assert raised.value.source.endswith("bad.jsonl")
    assert not (tmp_path / "work").exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "the table has no rows"),
        ('{"text": "a", "kind": "battle", "mode": ""}\n', r"no column 'body'. It has text, kind, mode"),
        (json.dumps(EVENTS[0]) + "\n{broken\n", "can't be read"),
    ],
)
def test_what_is_no_table_is_refused(content: str, message: str, values: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "bad.jsonl").write_text(content, encoding="utf-8")
    values["tasks"][0]["table"] = str(tmp_path / "bad.jsonl")
    with pytest.raises(InputError, match=message):
        run(recipe_from(values))


def test_a_class_with_one_example_is_refused(values: dict[str, Any], tmp_path: Path) -> None:
    row = {"body": "rebels shelled the town", "kind": "battle", "mode": "shelling"}
    values["tasks"][0]["table"] = as_jsonl(tmp_path / "train.jsonl", [*EVENTS[:10], row])
    values["tasks"][0]["dev"] = as_jsonl(tmp_path / "dev.jsonl", EVENTS[:10])
    with pytest.raises(InputError, match="the class 'battle/shelling' has 1 example"):
        run(recipe_from(values))


def test_a_table_that_goes_away_stops_the_run_with_its_name(tmp_path: Path) -> None:
    table = numbered(tmp_path / "t.jsonl", 30)
    (tmp_path / "t.jsonl").unlink()
    with pytest.raises(InputError, match=r"t\.jsonl: there is no such file"):
        list(table.shuffled(1, 1))


def test_a_long_first_reading_says_how_far_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streamed_table, "SAY_EVERY", -1.0)
    said: list[str] = []
    numbered(tmp_path / "t.jsonl", 3, say=said.append)
    assert said == [f"checking {tmp_path / 't.jsonl'}: {n} rows so far" for n in (1, 2, 3)]


@pytest.mark.parametrize(
    ("option", "value"),
    [("dev_fraction", 0.2), ("dev_rows", [0, 5]), ("dev_group", "body"), ("per_class", 3), ("rows", [0, 5])],
)
def test_what_needs_the_whole_table_is_refused(option: str, value: Any, values: dict[str, Any]) -> None:
    del values["tasks"][0]["dev"]
    values["tasks"][0][option] = value
    with pytest.raises(ConfigError, match=f"'events': {option} needs the whole table in memory"):
        recipe_from(values)


def test_rows_of_a_dev_table_may_be_chosen(values: dict[str, Any]) -> None:
    values["tasks"][0]["dev_rows"] = [0, 5]
    assert recipe_from(values).tasks[0].streaming
