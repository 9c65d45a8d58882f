"""Runs over many articles: one result each, in order, resumable, with nothing lost in silence."""

import json
import resource
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from copydesk import Article, ArticlePredictor, PredictionError
from copydesk.configs.errors import ConfigError, InputError
from copydesk.inference import batch
from copydesk.inference.batch import LocalEngine, Progress, run_to_file, run_to_stream
from copydesk.inference.inputs import Row
from copydesk.inference.journal import Checkpoint, Journal
from copydesk.inference.options import PredictOptions
from copydesk.inference.output_files import OutputPlan
from copydesk.inference.outputs import read_parquet
from copydesk.inference.records import Result

FINGERPRINT = {"model": "tiny", "codebook": "strike"}


class StopError(Exception):
    """What ends a run half-way in these tests."""


def rows(count: int, stop_at: int | None = None, bad: Iterable[int] = ()) -> Iterator[Row]:
    for number in range(count):
        if number == stop_at:
            raise StopError
        content: Any = Article(text=f"Workers went on strike in town {number}.", id=f"a{number}")
        if number in set(bad):
            content = PredictionError("broken", id=f"a{number}")
        yield Row(content=content, input="in.jsonl", line=number + 1, done=(number + 1) / count)


@pytest.fixture
def engine(tiny: ArticlePredictor) -> LocalEngine:
    return LocalEngine(tiny, PredictOptions.of(["strike", "flood"], targets=["Workers"]))


@pytest.fixture
def plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OutputPlan:
    monkeypatch.setattr(batch, "CHECKPOINT_SECONDS", 0.0)
    monkeypatch.setattr(batch, "CHECKPOINT_SHARE", float("inf"))
    return OutputPlan(path=tmp_path / "out.jsonl", form="jsonl")


def records(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def run(rows: Iterator[Row], engine: LocalEngine, plan: OutputPlan, **more: Any) -> Progress:
    return run_to_file(rows, engine, plan, more.pop("fingerprint", FINGERPRINT), **more)


def test_each_row_has_its_record_in_its_place(engine: LocalEngine, plan: OutputPlan) -> None:
    progress = run(rows(100, bad=[0, 50, 99]), engine, plan)
    assert (progress.rows, progress.errors) == (100, 3)
    found = records(plan.path)
    ids = [record["error"]["id"] if "error" in record else record["article"]["id"] for record in found]
    assert ids == [f"a{number}" for number in range(100)]
    assert found[50]["error"]["line"] == 51
    assert [path.name for path in plan.path.parent.iterdir()] == ["out.jsonl"]


def test_errors_can_go_to_a_file_of_their_own(engine: LocalEngine, plan: OutputPlan) -> None:
    plan = replace(plan, errors=plan.path.with_name("errors.jsonl"))
    run(rows(40, bad=[3, 7]), engine, plan)
    assert len(records(plan.path)) == 38
    assert plan.errors
    assert [record["error"]["line"] for record in records(plan.errors)] == [4, 8]


def test_a_stopped_run_goes_on_and_ends_the_same(engine: LocalEngine, plan: OutputPlan) -> None:
    whole = replace(plan, path=plan.path.with_name("whole.jsonl"))
    run(rows(200, bad=[5]), engine, whole)
    for stop_at in (0, 1, 64, 65, 199):
        with pytest.raises(StopError):
            run(rows(200, stop_at, bad=[5]), engine, plan)
        assert not plan.path.exists()
    progress = run(rows(200, bad=[5]), engine, plan)
    assert plan.path.read_bytes() == whole.path.read_bytes()
    assert (progress.rows, progress.errors) == (200, 1)
    assert progress.new < 200


def test_the_tail_after_the_last_checkpoint_is_cut_off(engine: LocalEngine, plan: OutputPlan) -> None:
    """A killed process may leave bytes that no checkpoint counts, half a line among them."""
    whole = replace(plan, path=plan.path.with_name("whole.jsonl"))
    run(rows(100), engine, whole)
    with pytest.raises(StopError):
        run(rows(100, 70), engine, plan)
    with plan.parts["output"].open("ab") as part:
        part.write(b'{"schema_version": "1.0", "arti')
    run(rows(100), engine, plan)
    assert plan.path.read_bytes() == whole.path.read_bytes()


@pytest.mark.parametrize("moment", ["before renaming", "after renaming"])
def test_a_kill_at_the_very_end(engine: LocalEngine, plan: OutputPlan, moment: str) -> None:
    run(rows(40), engine, plan)
    expected = plan.path.read_bytes()
    plan.path.rename(plan.parts["output"])
    with Journal(plan.journal) as journal:
        journal.resume(FINGERPRINT)
        journal.commit(Checkpoint(40, "", {"output": len(expected)}, 0, written=True))
    if moment == "after renaming":
        plan.parts["output"].rename(plan.path)
    progress = run(rows(0), engine, plan)
    assert (progress.rows, progress.new) == (40, 0)
    assert plan.path.read_bytes() == expected
    assert not plan.journal.exists()


@pytest.mark.parametrize("changed", [{"model": "other"}, {"codebook": "acled 1"}, {"targets": ["A"]}])
def test_another_model_or_option_is_refused(engine: LocalEngine, plan: OutputPlan, changed: dict[str, Any]) -> None:
    with pytest.raises(StopError):
        run(rows(100, 50), engine, plan)
    with pytest.raises(ConfigError, match=rf"started differently \({next(iter(changed))}.*--restart"):
        run(rows(100), engine, plan, fingerprint=FINGERPRINT | changed)
    run(rows(100), engine, plan)
    assert len(records(plan.path)) == 100


def test_another_input_is_refused(engine: LocalEngine, plan: OutputPlan) -> None:
    with pytest.raises(StopError):
        run(rows(100, 50), engine, plan)
    for other in (rows(100, bad=[1]), rows(10)):
        with pytest.raises(ConfigError, match="input has changed in its first 32 rows"):
            run(other, engine, plan)
    run(rows(120), engine, plan)  # only what was coded counts: an input that grew is welcome
    assert len(records(plan.path)) == 120


def test_restart_begins_anew(engine: LocalEngine, plan: OutputPlan) -> None:
    with pytest.raises(StopError):
        run(rows(100, 50), engine, plan)
    progress = run(rows(10), engine, replace(plan, restart=True), fingerprint={"model": "other"})
    assert (progress.new, len(records(plan.path))) == (10, 10)


def test_a_finished_output_is_not_overwritten(engine: LocalEngine, plan: OutputPlan) -> None:
    run(rows(10), engine, plan)
    with pytest.raises(ConfigError, match="exists already"):
        run(rows(10), engine, plan)
    run(rows(20), engine, replace(plan, restart=True))
    assert len(records(plan.path)) == 20


def test_a_part_that_was_tampered_with_is_noticed(engine: LocalEngine, plan: OutputPlan) -> None:
    with pytest.raises(StopError):
        run(rows(100, 50), engine, plan)
    plan.parts["output"].write_bytes(b"{}\n")
    with pytest.raises(ConfigError, match="fewer than"):
        run(rows(100), engine, plan)


def test_a_second_run_on_the_same_output_is_refused(engine: LocalEngine, plan: OutputPlan) -> None:
    with Journal(plan.journal) as journal:
        journal.resume(FINGERPRINT)
        for one in (plan, replace(plan, restart=True)):
            with pytest.raises(ConfigError, match="another run"):
                run(rows(10), engine, one)


def test_a_foreign_file_is_no_journal(engine: LocalEngine, plan: OutputPlan) -> None:
    plan.journal.write_text("x" * 5000)
    with pytest.raises(InputError, match=r"no journal.*--restart"):
        run(rows(10), engine, plan)
    assert run(rows(10), engine, replace(plan, restart=True)).rows == 10


def test_an_id_that_comes_twice_is_an_error(engine: LocalEngine, plan: OutputPlan) -> None:
    def twice() -> Iterator[Row]:
        yield from rows(3)
        yield from rows(2)

    progress = run(twice(), engine, plan)
    errors = [record["error"] for record in records(plan.path)[3:]]
    assert progress.errors == 2
    assert "'a1' was used before, by article 2" in errors[1]["message"]
    keep = replace(plan, path=plan.path.with_name("keep.jsonl"))
    assert run(twice(), engine, keep, keep_duplicates=True).errors == 0


def test_ids_are_remembered_over_a_restart_of_the_process(engine: LocalEngine, plan: OutputPlan) -> None:
    def twice(stop_at: int | None) -> Iterator[Row]:
        yield from rows(70, stop_at)
        yield from rows(2)

    with pytest.raises(StopError):
        run(twice(65), engine, plan)
    assert run(twice(None), engine, plan).errors == 2


@pytest.mark.parametrize("form", ["csv", "parquet", "ninjs"])
def test_every_format_resumes(engine: LocalEngine, plan: OutputPlan, form: Any) -> None:
    finals = []
    for name in ("whole", "resumed"):
        errors = plan.path.with_name(f"{name}.errors") if form == "ninjs" else None
        one = replace(plan, path=plan.path.with_name(f"{name}.{form}"), form=form, errors=errors)
        if name == "resumed":
            with pytest.raises(StopError):
                run(rows(100, 70, bad=[3]), engine, one)
        run(rows(100, bad=[3]), engine, one)
        finals.append(one.path.read_bytes())
    assert finals[0] == finals[1]
    if form == "parquet":
        assert len(list(read_parquet(plan.path.with_name("whole.parquet")))) == 100


def test_a_full_disk_stops_with_a_message_and_can_go_on(engine: LocalEngine, plan: OutputPlan) -> None:
    whole = replace(plan, path=plan.path.with_name("whole.jsonl"))
    run(rows(300), engine, whole)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    # The largest file that this process may write stands for a full disk: the write fails half-way, with the same kind of error.
    resource.setrlimit(resource.RLIMIT_FSIZE, (whole.path.stat().st_size // 2, hard))
    try:
        with pytest.raises(ConfigError, match=r"can't be written.*the run goes on"):
            run(rows(300), engine, plan)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    progress = run(rows(300), engine, plan)
    assert 0 < progress.new < 300
    assert plan.path.read_bytes() == whole.path.read_bytes()


def test_a_journal_that_can_not_grow_says_so(tmp_path: Path) -> None:
    with Journal(tmp_path / "j") as journal:
        journal.resume(FINGERPRINT)
        journal.base.execute("COMMIT")
        journal.base.execute("PRAGMA max_page_count = 8")
        journal.base.execute("BEGIN IMMEDIATE")
        with pytest.raises(ConfigError, match="the run goes on"):
            [journal.owner(str(number), number) for number in range(10_000)]
    assert sqlite3.connect(tmp_path / "j").execute("SELECT count(*) FROM ids").fetchone() == (0,)


@pytest.mark.parametrize("path", ["no/such/folder/out.jsonl", "."])
def test_an_impossible_path_is_refused_at_once(tmp_path: Path, path: str) -> None:
    with pytest.raises(ConfigError, match="folder"):
        OutputPlan(path=tmp_path / path, form="jsonl").check()


def test_a_stream_hands_each_result_on(engine: LocalEngine) -> None:
    results: list[Result] = []
    seen: list[Progress] = []
    progress = run_to_stream(rows(40, bad=[2]), engine, results.append, watch=seen.append)
    assert (progress.rows, progress.errors, len(results)) == (40, 1, 40)
    assert results[2] == PredictionError("broken", input="in.jsonl", line=3, id="a2")
    assert [one.rows for one in seen] == [32, 40]


def test_an_error_of_the_model_has_its_place(engine: LocalEngine) -> None:
    row = Row(content=Article(text="xfaultx", id="f"), input="in.jsonl", line=9)
    results: list[Result] = []
    run_to_stream(iter([row]), engine, results.append)
    (error,) = results
    assert isinstance(error, PredictionError)
    assert (error.input, error.line, error.id) == ("in.jsonl", 9, "f")
