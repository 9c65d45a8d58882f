"""A task's endless stream of batches: the same for the same seed, and restorable at any batch.

Rows are shuffled once a pass and cut into pools; a pool's examples are sorted by length and cut into batches of like length, so
that little is padded, and the batches are shuffled. Where a stream stands is one number, which is all that a checkpoint keeps;
a run that goes on reads up to there again.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count, islice

from copydesk.configs.errors import InputError
from copydesk.training.adapters import ADAPTERS, Context
from copydesk.training.examples import Anchor, Choice, Example, Match, Pair, Tags, Twin, size_in_tokens
from copydesk.training.streamed_table import StreamedTable
from copydesk.training.tables import Row

POOL_ROWS = 1024
"""Rows that are read, sorted by length and batched together: enough for even lengths, few enough to keep memory flat."""

Measure = Callable[[Sequence[str]], list[int]]


@dataclass
class TaskStream:
    """The batches of one task.

    :param context: The recipe and what its adapter needs.
    :param rows: The training rows, held or streamed.
    :param measure: Counts the word pieces of texts.
    :param tokens_per_batch: Word pieces in a batch, padding included.
    :param seed: Decides the order and everything that the adapter draws.
    """

    context: Context
    rows: Sequence[Row] | StreamedTable
    measure: Measure
    tokens_per_batch: int
    seed: int

    def batches(self, skip: int = 0) -> Iterator[list[Example]]:
        """Batches from number ``skip`` on, without end.

        :raises InputError: If a whole pass yields no example.
        """
        passed, seen, yielded = 0, 0, -1
        while yielded != 0:
            yielded = 0
            rows = self.shuffled(passed)
            for start in count(0, POOL_ROWS):
                if not (pool := list(islice(rows, POOL_ROWS))):
                    break
                rng = random.Random(f"{self.seed}/{self.context.task.name}/{passed}/{start}")
                for batch in self._cut(ADAPTERS[self.context.task.adapter](pool, self.context, rng), rng):
                    yielded += 1
                    seen += 1
                    if seen > skip:
                        yield batch
            passed += 1
        raise InputError(
            f"task {self.context.task.name!r} made no example from {len(self.rows)} rows.",
            remedy="Look at the table: are the texts empty, or the labels of another task?",
        )

    def shuffled(self, passed: int) -> Iterator[Row]:
        """The rows in the order of pass number ``passed``."""
        if isinstance(self.rows, StreamedTable):
            seed = random.Random(f"{self.seed}/{self.context.task.name}").getrandbits(31)
            return self.rows.shuffled(seed, passed)
        order = list(range(len(self.rows)))
        random.Random(f"{self.seed}/{self.context.task.name}/{passed}").shuffle(order)
        return (self.rows[number] for number in order)

    def _cut(self, examples: list[Example], rng: random.Random) -> list[list[Example]]:
        kinds: dict[tuple[type, int], list[Example]] = {}
        for example in examples:  # the examples of a batch cost the same number of encoder rows each
            kinds.setdefault((type(example), _rows_per_example(example)), []).append(example)
        found: list[list[Example]] = []
        for group in kinds.values():
            lengths = [
                min(length, self.context.task.max_tokens) for length in self.measure([_longest(one) for one in group])
            ]
            order = sorted(range(len(group)), key=lambda number: lengths[number])
            budget = self.tokens_per_batch // _rows_per_example(group[0])
            while order:
                fitting = size_in_tokens([lengths[number] for number in order], budget)
                found.append([group[number] for number in order[:fitting]])
                order = order[fitting:]
        rng.shuffle(found)
        return found


def _longest(example: Example) -> str:
    match example:
        case Pair(a=a, b=b):
            return f"{a} {b}"
        case Choice(a=a, hypotheses=hypotheses):
            return f"{a} {max(hypotheses, key=len)}"
        case Anchor(text=text) | Match(text=text) | Tags(text=text):
            return text
        case Twin(text=text, twin=twin):
            return max(text, twin, key=len)


def _rows_per_example(example: Example) -> int:
    """How many encoder rows of its longest text an example costs."""
    match example:
        case Choice(hypotheses=hypotheses):
            return len(hypotheses)
        case Twin():
            return 2
        case _:
            return 1
