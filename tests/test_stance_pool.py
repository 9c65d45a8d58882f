"""How two models are pooled: what must hold of any weights, and that fitting finds what was planted."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from copydesk.models.blend import BlendedPolarity, Pool, both_ways, pools
from copydesk.models.suite import AGAINST, FAVOUR, Floats, PolarityQuery
from copydesk.training.pool_fitting import TURNED, Component, fit_offsets, fit_pool, pool_figures, written

TEXT = "Peru praised Chile"
AHEAD = PolarityQuery(TEXT, "Chile", ((13, 18),), "Peru", ((0, 4),))
BACK = PolarityQuery(TEXT, "Peru", ((0, 4),), "Chile", ((13, 18),))


class OneSided:
    """Holds that Peru favours Chile as far as ``sure``, and knows nothing else."""

    def __init__(self, sure: float) -> None:
        self.sure = sure

    def polarity(self, queries: Sequence[PolarityQuery]) -> Floats:
        side = [self.sure if query.target != "Peru" else 0.0 for query in queries]
        return np.array([[own, 0.0, 1.0 - own] for own in side], dtype=np.float32)

    def pairs(self, queries: Sequence[PolarityQuery]) -> Floats:
        return both_ways(self, queries)


def blended(sure: float, directed: Pool) -> BlendedPolarity:
    return BlendedPolarity(OneSided(sure), OneSided(sure), Pool(0.5), directed, Pool(0.5))


def test_a_pool_reads_a_bare_share_and_a_whole_fit_and_writes_them_back() -> None:
    fitted = {"share": 0.3, "offsets": [0.1, 0.2, 0.3], "relevance": [-1.0, -2.0]}
    read = pools({"blend": {"dyads": 0.5, "topic": fitted}})
    assert read["dyads"] == Pool(0.5)
    assert written(read["topic"]) == fitted
    assert pools({}) == {}


def test_a_side_passes_one_half_exactly_where_it_is_the_likeliest_of_the_five() -> None:
    for sure in (0.3, 0.49, 0.51, 0.9):
        ahead, back = blended(sure, Pool(0.5)).polarity([AHEAD, BACK])
        assert (ahead[FAVOUR] > 0.5) == (sure > 0.5)
        assert back.max() == back[2]
        assert np.isclose(ahead.sum(), 1.0)
        assert (ahead >= 0).all()


def test_offsets_of_a_pair_follow_the_order_of_the_text_whoever_is_the_holder() -> None:
    first_acts = Pool(0.5, (0.0, 5.0, 0.0, 0.0, 0.0))
    ahead, back = blended(0.4, first_acts).polarity([AHEAD, BACK])
    assert ahead[FAVOUR] > 0.5
    assert back[FAVOUR] < 0.5
    assert back[AGAINST] < 0.5


def test_nearness_moves_the_last_class_alone() -> None:
    even = np.full((2, 3), 1 / 3, dtype=np.float32)
    near, far = Pool(0.5, relevance=(-4.0, 0.0)).join(even, even, np.array([[0.9, 0.0], [0.0, 0.0]], dtype=np.float32))
    assert near[2] < far[2]
    assert np.isclose(near[0], near[1])


@pytest.fixture(scope="module")
def shy() -> Component:
    """Two models that give the rare class a third of the odds that it has."""
    rng = np.random.default_rng(0)
    gold = rng.choice(3, 1200, p=(0.1, 0.2, 0.7))
    logs = rng.normal(0, 0.6, (1200, 3)) + 1.2 * np.eye(3)[gold] + np.log([0.1, 0.2, 0.7]) - np.log([3.0, 1.0, 1.0])
    powers = np.exp(logs)
    probabilities = powers / powers.sum(axis=1, keepdims=True)
    return Component(gold, probabilities, probabilities, list(range(1200)))


def test_fitting_raises_macro_f1_on_rows_that_it_was_not_fitted_on(shy: Component) -> None:
    fit = fit_pool(shy)
    assert fit.macro_f1.low is not None
    assert fit.macro_f1.low > fit.plain + 0.01
    assert fit.pool.offsets[0] > fit.pool.offsets[2]


def test_the_intervals_draw_whole_texts_and_weigh_sampled_classes(shy: Component) -> None:
    few = shy.rows(np.arange(0, 1200, 8))
    given = few.first.argmax(axis=1)
    by_row = pool_figures(few, given)
    by_text = pool_figures(replace(few, groups=few.gold.tolist()), given)  # three texts: hardly anything is known
    for row, text in zip(by_row, by_text, strict=True):
        assert row.value == text.value
        assert row.low is not None
        assert text.low is not None
        assert text.low < row.low < float(row.value or 0)
    recall = float(np.mean(given[few.gold == 2] == 2))
    heavy = pool_figures(replace(few, weights=np.where(few.gold == 2, 1e6, 1.0)), given)[1]
    assert heavy.value == pytest.approx(recall, abs=1e-4)  # all of the weight is on that class


def test_turned_rows_are_fitted_as_their_mirror_image(shy: Component) -> None:
    five = np.concatenate([shy.first * 0.5, np.full((1200, 2), 0.25)], axis=1)
    turned = np.arange(1200) % 2 == 0
    mirrored = five.copy()
    mirrored[turned] = five[turned][:, list(TURNED)]
    gold = np.where(turned, np.array([0, 3, 4])[shy.gold], shy.gold)
    plain = fit_offsets(Component(shy.gold, five, five, shy.groups), 0.5)
    both = fit_offsets(Component(gold, mirrored, mirrored, shy.groups, turned=turned), 0.5)
    assert np.allclose(plain.offsets, both.offsets, atol=0.1)
