"""The baseline's features: masks that know where an actor stands, and calibrated one-vs-rest classification."""

import pickle
import time
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.utils.estimator_checks import parametrize_with_checks

from copydesk.models.baseline_text import (
    CalibratedOneVsRest,
    CompactTfidf,
    best_f1_threshold,
    find_mentions,
    masked_words,
    role_features,
)


@parametrize_with_checks([CalibratedOneVsRest()])
def test_the_classifier_follows_scikit_learns_conventions(estimator: Any, check: Any) -> None:
    check(estimator)


def three_classes(count: int = 90, seed: int = 0) -> tuple[Any, Any]:
    rng = np.random.default_rng(seed)
    labels = np.repeat(["aid", "protest", "riot"], count // 3)
    centres = {"aid": (3, 0), "protest": (0, 3), "riot": (-3, -3)}
    return np.array([centres[label] for label in labels]) + rng.normal(size=(count, 2)), labels


def test_each_class_has_its_own_probability_and_threshold() -> None:
    x, y = three_classes()
    model = CalibratedOneVsRest().fit(x, y)
    chances = model.label_proba(x)
    assert chances.shape == (90, 3)
    far = model.label_proba([[50.0, -50.0], [-50.0, 50.0]])
    assert not np.allclose(far.sum(axis=1), 1.0)
    assert np.allclose(model.predict_proba(x).sum(axis=1), 1.0)
    assert np.all((model.thresholds_ > 0) & (model.thresholds_ < 1))
    given_labels = chances >= model.thresholds_
    assert (given_labels == (y[:, None] == model.classes_)).mean() > 0.97


def test_calibrated_probabilities_are_near_the_frequencies() -> None:
    rng = np.random.default_rng(4)
    x = rng.normal(size=(3000, 1))
    y = np.where(rng.random(3000) < 1 / (1 + np.exp(-2 * x[:, 0])), "yes", "no")
    chance = CalibratedOneVsRest().fit(x[:2000], y[:2000]).label_proba(x[2000:])[:, 1]
    for low in (0.2, 0.4, 0.6):
        inside = (chance >= low) & (chance < low + 0.2)
        assert abs((y[2000:][inside] == "yes").mean() - chance[inside].mean()) < 0.1


def test_a_class_too_small_to_calibrate_is_still_learnt() -> None:
    x, y = three_classes()
    x, y = np.vstack([x, [[40.0, 40.0]]]), np.append(y, "strike")
    model = CalibratedOneVsRest().fit(x, y)
    assert model.predict([[40.0, 40.0]]) == ["strike"]
    assert model.thresholds_[list(model.classes_).index("strike")] == 0.5


def test_the_same_seed_gives_the_same_model() -> None:
    x, y = three_classes()
    one, two = (CalibratedOneVsRest(random_state=5).fit(x, y) for _ in range(2))
    assert np.array_equal(one.label_proba(x), two.label_proba(x))


@pytest.mark.parametrize(
    ("target", "chance", "low", "high"),
    [
        ([0, 0, 1, 1], [0.1, 0.2, 0.7, 0.9], 0.2, 0.7),
        ([0, 1, 0, 1], [0.1, 0.4, 0.5, 0.9], 0.1, 0.4),
        ([1, 1], [0.3, 0.8], 0.0, 0.3),
    ],
)
def test_the_threshold_with_the_best_f1_lies_between_two_values(
    target: list[int], chance: list[float], low: float, high: float
) -> None:
    assert low <= best_f1_threshold(target, chance) <= high


def test_a_stored_vocabulary_comes_back_in_order() -> None:
    model = CompactTfidf(analyzer="char_wb", ngram_range=(2, 3)).fit(
        ["Zagreb, Ágnes", "naïve ﬁ ligature", "line\nbreak"]
    )
    again = pickle.loads(pickle.dumps(model))  # goes through __getstate__ and __setstate__, as skops does
    assert again.vocabulary_ == model.vocabulary_
    assert (again.transform(["Zagreb break"]) != model.transform(["Zagreb break"])).nnz == 0


@pytest.mark.parametrize(
    ("text", "name", "found"),
    [
        ("Armenia and ARMENIA", "armenia", ["Armenia", "ARMENIA"]),
        ("Mr. Putin spoke.", "Vladimir Putin", ["Putin"]),
        ("Kratz’s claims", " Kratz ", ["Kratz"]),
        ("They met Smith", "Smit", ["Smith"]),
        ("No such name", "Merkel", []),
        ("Anything", "   ", []),
        ("a+b and (c", "(c", ["(c"]),
    ],
)
def test_mentions_are_found_in_any_case(text: str, name: str, found: list[str]) -> None:
    assert [text[start:end] for start, end in find_mentions(text, name)] == found


@given(text=st.text(), name=st.text())
def test_mentions_are_inside_the_text(text: str, name: str) -> None:
    spans = find_mentions(text, name)
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(one[1] <= two[0] or one[0] <= two[0] for one, two in pairwise(spans))


@given(text=st.text(min_size=1), data=st.data())
def test_masking_takes_any_spans(text: str, data: st.DataObject) -> None:
    ends = data.draw(st.lists(st.integers(0, len(text)), min_size=2, max_size=2).map(sorted))
    words = masked_words(text, {"SRC": [(ends[0], ends[1])], "TGT": [(0, len(text))]})
    assert {"SRC", "TGT"} & set(words)
    assert role_features(words, ("SRC", "TGT"))


def test_masked_words_know_who_is_who() -> None:
    text = "Russia on Monday shelled northern Ukraine."
    assert masked_words(text, {"SRC": [(0, 6)], "TGT": [(34, 41)]}) == [
        "SRC",
        "on",
        "monday",
        "shelled",
        "northern",
        "TGT",
    ]


def test_swapping_the_actors_changes_the_features() -> None:
    text = "Russia shelled Ukraine."
    one = role_features(masked_words(text, {"SRC": [(0, 6)], "TGT": [(15, 22)]}), ("SRC", "TGT"))
    two = role_features(masked_words(text, {"SRC": [(15, 22)], "TGT": [(0, 6)]}), ("SRC", "TGT"))
    assert set(one) != set(two)
    assert "SRC_first_b_shelled" in one
    assert "TGT_first_b_shelled" in two


def test_a_missing_role_is_said() -> None:
    assert "TGT_missing" in role_features(["SRC", "fled"], ("SRC", "TGT"))


def test_features_of_a_megabyte_take_a_moment() -> None:
    hostile = "a'" * 500_000
    started = time.perf_counter()
    role_features(masked_words(hostile, {"TGT": find_mentions(hostile, "b")}), ("TGT",))
    assert time.perf_counter() - started < 20
