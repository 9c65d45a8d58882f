"""SIGKILL at random moments: the run goes on, and the file ends as if nothing had happened."""

import multiprocessing
import os
import random
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from copydesk import ArticlePredictor
from copydesk.inference import batch
from copydesk.inference.batch import LocalEngine, run_to_file
from copydesk.inference.inputs import read_rows
from copydesk.inference.options import PredictOptions
from copydesk.inference.output_files import OutputPlan
from copydesk.inference.sources import InputOptions

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs fork and SIGKILL")

KILLS = 20
ARTICLES = 160


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Articles with bad rows and a duplicate id among them."""
    path = tmp_path_factory.mktemp("corpus") / "corpus.jsonl"
    lines = [
        f'{{"id": {n}, "text": "Workers of plant {n} began a strike. Police shelled them."}}' for n in range(ARTICLES)
    ]
    lines[17], lines[70], lines[133] = "{broken", '{"id": 5, "text": "Again."}', '{"text": " "}'
    path.write_text("\n".join(lines) + "\n")
    return path


def code(desk: ArticlePredictor, corpus: Path, plan: OutputPlan) -> None:
    """The whole run, as a process of its own does it."""
    batch.CHECKPOINT_SECONDS, batch.CHECKPOINT_SHARE = 0.0, float("inf")  # one after each pool
    options = PredictOptions.of(["strike", "shelling"], targets=["Police"])
    rows = read_rows([str(corpus)], InputOptions())
    run_to_file(rows, LocalEngine(desk, options), plan, {"model": desk.suite.name, **options.fingerprint()})


def started(desk: ArticlePredictor, corpus: Path, plan: OutputPlan) -> Any:
    """The run in a forked process, which needs no second to import and load: the kills fall into the work itself."""
    process = multiprocessing.get_context("fork").Process(target=code, args=(desk, corpus, plan))
    process.start()
    return process


def finish(desk: ArticlePredictor, corpus: Path, plan: OutputPlan) -> float:
    """Run to the end; the seconds it took."""
    begun = time.monotonic()
    process = started(desk, corpus, plan)
    process.join()
    assert process.exitcode == 0
    return time.monotonic() - begun


def files(plan: OutputPlan) -> dict[str, bytes]:
    return {name: path.read_bytes() for name, path in plan.finals.items()}


def plans(folder: Path) -> Iterator[OutputPlan]:
    """The ways to write, in turn."""
    while True:
        yield OutputPlan(path=folder / "out.jsonl", form="jsonl")
        yield OutputPlan(path=folder / "out.csv", form="csv", errors=folder / "errors.jsonl")
        yield OutputPlan(path=folder / "out.parquet", form="parquet")


@pytest.mark.timeout(300)
def test_twenty_kills_at_random_moments(tiny: ArticlePredictor, corpus: Path, tmp_path: Path) -> None:
    chance = random.Random(2026)
    expected: dict[str, dict[str, bytes]] = {}
    seconds = 0.0
    ways = plans(tmp_path)
    for plan in (next(ways) for _ in range(3)):
        seconds = finish(tiny, corpus, plan)
        expected[plan.form] = files(plan)
        assert len(expected["jsonl"]["output"].splitlines()) == ARTICLES
    interrupted = 0
    for number in range(3 * KILLS):
        if interrupted == KILLS:
            break
        (folder := tmp_path / str(number)).mkdir()
        plan = next(way for way in plans(folder) if way.form == ("jsonl", "csv", "parquet")[number % 3])
        process = started(tiny, corpus, plan)
        time.sleep(chance.uniform(0, seconds))
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        if process.exitcode == 0:  # it was done before the kill came
            assert files(plan) == expected[plan.form]
            seconds *= 0.9  # the machine is quicker than when the run was timed
            continue
        interrupted += 1
        if plan.path.exists():
            assert plan.path.read_bytes() == expected[plan.form]["output"], "never half an output"
        if plan.journal.exists() or not plan.path.exists():
            finish(tiny, corpus, plan)
        assert files(plan) == expected[plan.form], f"kill {number}"
        assert sorted(path.name for path in folder.iterdir()) == sorted(path.name for path in plan.finals.values())
    assert interrupted == KILLS


@pytest.mark.timeout(300)
def test_one_run_killed_again_and_again(tiny: ArticlePredictor, corpus: Path, tmp_path: Path) -> None:
    """Each process gets a little further than the last."""
    chance = random.Random(7)
    plan = OutputPlan(path=tmp_path / "out.jsonl", form="jsonl")
    whole = replace(plan, path=tmp_path / "whole.jsonl")
    seconds = finish(tiny, corpus, whole)
    kills = 0
    while not plan.path.exists():
        process = started(tiny, corpus, plan)
        process.join(chance.uniform(seconds / 8, seconds / 3))
        if process.exitcode is None:
            os.kill(process.pid, signal.SIGKILL)
            kills += 1
        process.join()
        assert process.exitcode in {0, -signal.SIGKILL}
    assert kills >= 2
    assert plan.path.read_bytes() == whole.path.read_bytes()
