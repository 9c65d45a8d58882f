"""Repeats of a story are found, other articles are left alone, and a run that was killed marks as one that was not."""

import random
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk import Article, ArticlePredictor, Prediction, PredictionError
from copydesk.configs.errors import ConfigError
from copydesk.inference.batch import LocalEngine, run_to_file, run_to_stream
from copydesk.inference.dedup import MIN_SIMILARITY, NearDuplicates, _runs, _similarity
from copydesk.inference.inputs import Row
from copydesk.inference.journal import Checkpoint, Journal
from copydesk.inference.options import PredictOptions
from copydesk.inference.output_files import OutputPlan
from copydesk.inference.records import Result
from copydesk.models.schema import Duplicate, Provenance

datasketch = pytest.importorskip("datasketch")

WORDS = [
    f"{stem}{ending}" for stem in ("tro", "har", "min", "bor", "sel", "ka", "vel", "os") for ending in "abcdefghijklm"
]


def story(seed: int, words: int = 250) -> str:
    chance = random.Random(seed)
    return " ".join(chance.choice(WORDS) for _ in range(words)) + "."


def predicted(text: str, identity: str) -> Prediction:
    provenance = Provenance("0", "m", "0" * 16, "c", "1", "0" * 16)
    return Prediction(Article(text=text, id=identity), None, (), (), (), (), "en", (), provenance)


def marks(*texts: str) -> list[Duplicate]:
    with Journal(None) as journal:
        finder = NearDuplicates(journal)
        results = [finder.mark(predicted(text, f"a{place}"), place) for place, text in enumerate(texts)]
    return [result.duplicate for result in results if isinstance(result, Prediction) and result.duplicate]


def edited(text: str, every: int) -> str:
    """Every so many words another."""
    words = text.split()
    words[::every] = ["edited"] * len(words[::every])
    return " ".join(words)


@pytest.mark.parametrize(
    "repeat",
    [
        lambda text: text,
        lambda text: text.upper().replace(" ", "\n"),
        lambda text: "By A. Writer, in Orsk\n\n" + text + "\n\nAdditional reporting by B. Writer.",
        lambda text: " ".join(text.split()[: len(text.split()) * 3 // 4]),
        lambda text: edited(text, 15),
    ],
    ids=["same", "case and lines", "bylines", "cut", "edited"],
)
def test_a_repeat_is_found(repeat: "object") -> None:
    found = marks(story(1), story(2), repeat(story(1)))  # type: ignore[operator]
    assert found == [Duplicate(1), Duplicate(2), Duplicate(1, "a0")]


def test_other_stories_are_left_alone() -> None:
    assert [mark.first for mark in marks(*map(story, range(200)))] == [None] * 200


def test_a_heavily_rewritten_story_is_another() -> None:
    assert marks(story(1), edited(story(1), 4))[1] == Duplicate(2)


def test_small_changes_do_not_drift() -> None:
    """Every version is like the one before it; the last has nothing left of the first and is no repeat of it."""
    words = story(1).split()
    versions = []
    for step in range(11):
        words[step * 25 - 25 : step * 25] = story(100 + step, 25).split() if step else []
        versions.append(" ".join(words))
    found = marks(*versions)
    assert found[1].first == "a0"
    assert found[-1].cluster != 1


@given(st.lists(st.text(min_size=1), min_size=1, max_size=4))
def test_any_text_is_its_own_repeat(texts: list[str]) -> None:
    found = marks(*texts, *texts)
    assert all(mark.first is not None for mark in found[len(texts) :])
    assert [mark.cluster for mark in found[: len(texts)]] == [mark.cluster for mark in found[len(texts) :]]


def test_the_estimate_is_near_the_jaccard_index() -> None:
    with Journal(None) as journal:
        finder = NearDuplicates(journal)
        errors = []
        for seed in range(30):
            one, other = story(seed), edited(story(seed), 3 + seed)
            runs, others = set(_runs(one)), set(_runs(other))
            exact = len(runs & others) / len(runs | others)
            estimate = _similarity(finder._signature(one), finder._signature(other).tobytes())
            errors.append(estimate - exact)
    assert max(map(abs, errors)) < 4 * 0.044
    assert abs(sum(errors) / len(errors)) < 0.03
    assert MIN_SIMILARITY == 0.5


def test_a_long_article_is_hashed_in_parts() -> None:
    """The parts must give what the whole gives."""
    text = story(1, 10_000)
    assert marks(text, text)[1] == Duplicate(1, "a0")


def test_errors_stay_as_they_are() -> None:
    error = PredictionError("bad")
    with Journal(None) as journal:
        assert NearDuplicates(journal).mark(error, 0) is error


def test_a_journal_forgets_what_comes_after_its_checkpoint(tmp_path: Path) -> None:
    with Journal(tmp_path / "j") as journal:
        journal.resume({})
        finder = NearDuplicates(journal)
        finder.mark(predicted(story(1), "a0"), 0)
        finder.mark(predicted(story(2), "a1"), 1)
        journal.commit(Checkpoint(position=1))
    with Journal(tmp_path / "j") as journal:
        assert journal.resume({}).position == 1
        finder = NearDuplicates(journal)
        again = finder.mark(predicted(story(2), "a1"), 1)
        repeat = finder.mark(predicted(story(1), "a2"), 2)
    assert isinstance(again, Prediction)
    assert isinstance(repeat, Prediction)
    assert (again.duplicate, repeat.duplicate) == (Duplicate(2), Duplicate(1, "a0"))


def test_without_datasketch_the_user_learns_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "datasketch", None)
    with Journal(None) as journal, pytest.raises(ConfigError, match=r"copydesk\[dedup\]"):
        NearDuplicates(journal)


# Whole runs

TEXTS = [story(seed % 40) for seed in range(120)]


def rows(stop_after: int | None = None) -> Iterator[Row]:
    """120 articles, each of 40 stories three times; or as many as come before the power goes."""
    for number, text in enumerate(TEXTS):
        if number == stop_after:
            raise KeyboardInterrupt
        content = PredictionError("bad") if number == 50 else Article(text=text, id=f"a{number}")
        yield Row(content=content, input="in", line=number + 1)


@pytest.mark.parametrize("stop_after", [33, 64, 100])
def test_an_interrupted_run_ends_with_the_same_bytes(
    tiny: ArticlePredictor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop_after: int
) -> None:
    monkeypatch.setattr("copydesk.inference.batch.CHECKPOINT_SECONDS", 0.0)
    monkeypatch.setattr("copydesk.inference.batch.CHECKPOINT_SHARE", float("inf"))
    engine = LocalEngine(tiny, PredictOptions.of(["strike"], targets=[], summary_sentences=0))
    plan = OutputPlan(path=tmp_path / "out.jsonl", form="jsonl")
    whole = replace(plan, path=tmp_path / "whole.jsonl")
    run_to_file(rows(), engine, whole, {}, dedup=True)
    with pytest.raises(KeyboardInterrupt):
        run_to_file(rows(stop_after), engine, plan, {}, dedup=True)
    run_to_file(rows(), engine, plan, {}, dedup=True)
    assert plan.path.read_bytes() == whole.path.read_bytes()
    streamed: list[Result] = []
    run_to_stream(rows(), engine, streamed.append, dedup=True)
    found = [result.duplicate for result in streamed if isinstance(result, Prediction)]
    assert [mark.first for mark in found if mark] == [
        None if number < 40 else f"a{number % 40}" for number in range(120) if number != 50
    ]
