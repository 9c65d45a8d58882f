from hypothesis import given
from hypothesis import strategies as st

from copydesk.models.batching import padding_share, pools, token_batches

LENGTHS = st.lists(st.integers(1, 300), max_size=200)


@given(LENGTHS, st.integers(1, 4000))
def test_every_item_stands_in_one_batch_within_the_budget(lengths: list[int], budget: int) -> None:
    batches = token_batches(lengths, budget)
    assert sorted(index for batch in batches for index in batch) == list(range(len(lengths)))
    for batch in batches:
        assert len(batch) == 1 or len(batch) * max(lengths[index] for index in batch) <= budget


def test_little_is_padded_when_many_articles_are_pooled() -> None:
    lengths = [12 + (37 * number) % 61 for number in range(1500)]  # sentences of 12 to 72 tokens, in no order
    assert padding_share(lengths, token_batches(lengths, 2048)) < 0.05
    in_input_order = [list(range(at, at + 32)) for at in range(0, 1472, 32)]
    assert padding_share(lengths, in_input_order) > 0.3


def test_the_longest_batch_comes_first_so_that_memory_runs_out_at_once() -> None:
    batches = token_batches([3, 50, 7, 49], budget=100)
    assert batches == [[1, 3], [2, 0]]


def test_no_tokens_no_padding() -> None:
    assert token_batches([], 10) == []
    assert padding_share([], []) == 0.0


@given(st.lists(st.integers(0, 50), max_size=60), st.integers(1, 100))
def test_pools_keep_the_order_and_the_limit(sizes: list[int], limit: int) -> None:
    items = list(range(len(sizes)))
    runs = list(pools(items, sizes, limit))
    assert [item for run in runs for item in run] == items
    for run in runs:
        assert len(run) >= 1
        assert len(run) == 1 or sum(sizes[item] for item in run) <= limit
