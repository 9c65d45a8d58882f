"""``copydesk fit-thresholds``: fitting to few rows, what is expected of other rows, and the codebook that is written."""

import argparse
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keyword_desk import keyword_predictor

from copydesk import Codebook
from copydesk.configs.codebook import shipped_names
from copydesk.configs.codebook_edit import next_version, with_thresholds
from copydesk.configs.errors import CodebookError, ConfigError, CopydeskError
from copydesk.training import thresholds_command
from copydesk.training.threshold_fitting import Target, cross_fitted, fit_thresholds

NINE = Target("precision", 0.9)


def calibrated(rows: int, labels: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Gold labels drawn with the very probabilities that stand as scores; most are low, as in a codebook of many labels."""
    generator = np.random.default_rng(seed)
    scores = generator.beta(0.3, 1.2, size=(rows, labels))
    return generator.random((rows, labels)) < scores, scores


def precision(gold: np.ndarray, scores: np.ndarray, thresholds: np.ndarray) -> float:
    given = scores >= thresholds
    return float((given & gold).sum() / max(given.sum(), 1))


def test_a_wanted_precision_is_kept_on_other_rows_where_the_naive_threshold_misses_it() -> None:
    gold, scores = calibrated(20_000, 6, seed=0)
    ours, naive = [], []
    for run in range(20):
        rows = np.random.default_rng(run).choice(10_000, 60, replace=False)
        fit = fit_thresholds(gold[rows], scores[rows], list("abcdef"), Target("precision", 0.8))
        ours.append(precision(gold[10_000:], scores[10_000:], fit.thresholds))
        looks_best = [
            min((t for t in scores[rows, j] if precision(gold[rows, j], scores[rows, j], t) >= 0.8), default=1.0)
            for j in range(6)
        ]
        naive.append(precision(gold[10_000:], scores[10_000:], np.array(looks_best)))
    assert np.mean(np.array(ours) >= 0.78) >= 0.8
    assert np.mean(np.array(naive) >= 0.78) < 0.5


def test_a_wanted_recall_is_kept_on_other_rows() -> None:
    gold, scores = calibrated(20_000, 6, seed=1)
    kept = []
    for run in range(20):
        rows = np.random.default_rng(run).choice(10_000, 100, replace=False)
        fit = fit_thresholds(gold[rows], scores[rows], list("abcdef"), Target("recall", 0.8))
        given = scores[10_000:] >= fit.thresholds
        kept.append((given & gold[10_000:]).sum() / gold[10_000:].sum())
    assert np.mean(np.array(kept) >= 0.78) >= 0.8
    assert np.mean(kept) < 0.95  # not by giving everything


def test_a_label_without_rows_takes_the_threshold_of_all() -> None:
    gold, scores = calibrated(300, 3, seed=2)
    gold[:, 2] = False
    scores[:, 2] = 0.0
    fit = fit_thresholds(gold, scores, ["a", "b", "rare"], NINE)
    rare = fit.labels[2]
    assert (rare.basis, rare.threshold, rare.support) == ("all labels", fit.threshold, 0)


def test_a_label_that_is_always_wrong_is_shut_off() -> None:
    gold, scores = calibrated(300, 3, seed=3)
    gold[:, 1] = False
    fit = fit_thresholds(gold, scores, ["a", "wrong", "c"], NINE)
    assert fit.labels[1].basis == "not reached"
    assert fit.labels[1].given == 0


def test_a_target_out_of_reach_is_said() -> None:
    generator = np.random.default_rng(4)
    gold, scores = generator.random((200, 2)) < 0.3, generator.random((200, 2))
    fit = fit_thresholds(gold, scores, ["a", "b"], Target("precision", 0.95))
    assert not fit.reached


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**32 - 1), st.sampled_from([0.6, 0.9]), st.sampled_from(["precision", "recall"]))
def test_thresholds_are_scores_and_their_counts_are_true(seed: int, value: float, aim: str) -> None:
    gold, scores = calibrated(40, 3, seed)
    if not gold.any():
        return
    fit = fit_thresholds(gold, scores, ["a", "b", "c"], Target(aim, value))  # type: ignore[arg-type]
    for column, label in enumerate(fit.labels):
        assert 0 < label.threshold <= 1
        given_rows = scores[:, column] >= label.threshold
        assert (label.given, label.hits) == (given_rows.sum(), (given_rows & gold[:, column]).sum())
        assert label.support == gold[:, column].sum()


def test_a_higher_precision_never_lowers_the_shared_threshold() -> None:
    gold, scores = calibrated(500, 4, seed=5)
    shared = [fit_thresholds(gold, scores, list("abcd"), Target("precision", p)).threshold for p in (0.5, 0.7, 0.9)]
    assert shared == sorted(shared)


def test_cross_fitting_is_seeded_and_expects_less_than_the_same_rows_show() -> None:
    gold, scores = calibrated(60, 6, seed=6)
    labels = list("abcdef")
    once, again = (cross_fitted(gold, scores, labels, Target("precision", 0.6), seed=1) for _ in range(2))
    assert (once == again).all()
    assert (once != cross_fitted(gold, scores, labels, Target("precision", 0.6), seed=2)).any()


# The codebook that is written

MINE = """\
# Our own book.
name = "mine"
version = "2026.9"   # raised by hand

[[labels]]
id = "flood"
hypotheses = ["A river burst its banks."]  # seen often
threshold = 0.4

[[labels]]
id = "strike"
hypotheses = [
  "Workers walked out.",
]
"""


def test_a_new_version_changes_the_thresholds_and_nothing_else(tmp_path: Path) -> None:
    source, target = tmp_path / "mine.toml", tmp_path / "mine-2.toml"
    source.write_text(MINE, encoding="utf-8")
    text = with_thresholds(str(source), {"flood": 0.71}, default=0.6, version="2026.10", notes=("Fitted.",))
    target.write_text(text, encoding="utf-8")
    old, new = Codebook.load(source), Codebook.load(target)
    assert (new.version, new.threshold, new.label("flood").threshold, new.label("strike").threshold) == (
        "2026.10",
        0.6,
        0.71,
        None,
    )
    assert [label.hypotheses for label in new.labels] == [label.hypotheses for label in old.labels]
    for comment in ("# Fitted.", "# Our own book.", "# raised by hand", "# seen often"):
        assert comment in text


@pytest.mark.parametrize("name", shipped_names())
def test_every_shipped_codebook_can_be_given_thresholds(name: str, tmp_path: Path) -> None:
    book = Codebook.load(name)
    wanted = {label_id: round(0.3 + 0.001 * number, 4) for number, label_id in enumerate(book.ids)}
    path = tmp_path / "new.toml"
    path.write_text(with_thresholds(name, wanted, default=0.5, version=next_version(book.version)), encoding="utf-8")
    new = Codebook.load(path)
    assert {label.id: label.threshold for label in new.labels} == wanted
    keep = {"labels": {"__all__": {"threshold"}}, "version": True, "threshold": True}
    assert new.model_dump(exclude=keep) == book.model_dump(exclude=keep)


def test_a_list_of_labels_becomes_a_codebook(tmp_path: Path) -> None:
    source, target = tmp_path / "desk words.txt", tmp_path / "new.toml"
    source.write_text("flood\nlabour strike\n", encoding="utf-8")
    target.write_text(with_thresholds(str(source), {"labour strike": 0.3}, default=0.5, version="2"), encoding="utf-8")
    assert Codebook.load(target).label("labour strike").threshold == 0.3
    with pytest.raises(CodebookError, match="no label 'quake'"):
        with_thresholds(str(source), {"quake": 0.3}, default=0.5, version="2")


@pytest.mark.parametrize(("old", "new"), [("1", "2"), ("2021.9", "2021.10"), ("v3", "v4"), ("draft", "draft.1")])
def test_the_next_version(old: str, new: str) -> None:
    assert next_version(old) == new


# The command, end to end


def fit(*arguments: object) -> int:
    parser = argparse.ArgumentParser()
    thresholds_command.add_arguments(parser)
    return thresholds_command.run(parser.parse_args([str(one) for one in arguments]), lambda _: keyword_predictor())


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    """Sixty articles: floods from a score of 0.5 are floods, strikes from 0.7 are strikes."""
    lines = ["text,label"]
    for number in range(60):
        score = round(0.3 + 0.01 * number, 2)
        labels = [name for name, sure in (("flood", 0.5), ("strike", 0.7)) if score >= sure]
        lines.append(f"There was flood {score} and strike {score} today.,{';'.join(labels)}")
    path = tmp_path / "labelled.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_fit_thresholds_writes_a_codebook_that_meets_the_target(
    labelled: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book, out = tmp_path / "mine.toml", tmp_path / "mine-2.toml"
    book.write_text(MINE, encoding="utf-8")
    assert fit(labelled, "--codebook", book, "--separator", ";", "--precision", "0.9", "-o", out) == 0
    new = Codebook.load(out)
    assert new.version == "2026.10"
    assert 0.45 <= new.label("flood").threshold <= 0.55  # type: ignore[operator]
    assert 0.65 <= new.label("strike").threshold <= 0.75  # type: ignore[operator]
    assert "for precision 0.9" in out.read_text(encoding="utf-8")
    page = capsys.readouterr().out
    for expected in ("own rows", "fitted, other rows (5-fold)", "coverage", "Wrote"):
        assert expected in page


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--precision", "1.5"], "--precision is 1.5"),
        (["--recall", "0"], "--recall is 0"),
        (["--precision", "0.9", "-o", "labelled.csv"], r"a codebook is a \.toml file|is 'labelled.csv'"),
        (["--precision", "0.9", "--label", "kind"], "no column 'kind'"),
        (["--precision", "0.9", "--limit", "10"], "10 rows are too few"),
    ],
)
def test_what_is_wrong_is_said(labelled: Path, tmp_path: Path, options: list[str], message: str) -> None:
    book = tmp_path / "mine.toml"
    book.write_text(MINE, encoding="utf-8")
    output = [] if "-o" in options else ["-o", tmp_path / "new.toml"]
    with pytest.raises(CopydeskError, match=message):
        fit(labelled, "--codebook", book, "--separator", ";", *options, *output)


def test_a_file_is_never_overwritten(labelled: Path, tmp_path: Path) -> None:
    book = tmp_path / "mine.toml"
    book.write_text(MINE, encoding="utf-8")
    with pytest.raises(ConfigError, match="is there already"):
        fit(labelled, "--codebook", book, "--precision", "0.9", "-o", book)
