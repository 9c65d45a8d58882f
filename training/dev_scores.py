"""Dev scores during training, on a seeded part of each dev table. Figures on whole tables come from ``copydesk evaluate``."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from copydesk.training.adapters import ADAPTERS, Context
from copydesk.training.examples import Anchor, Choice, Example, Pair, Twin
from copydesk.training.metrics import single_label_scores
from copydesk.training.objectives import IGNORED, Objectives
from copydesk.training.resampling import Resampling
from copydesk.training.tables import Row

BATCH = 32
"""Examples in one evaluation batch; listwise ones count as one."""


@dataclass(frozen=True)
class DevSet:
    """The dev rows of one task."""

    context: Context
    rows: Sequence[Row]
    seed: int

    def score(self, objectives: Objectives) -> dict[str, float]:
        """Accuracy, macro-F1 and calibration error over the examples of the dev rows, with 95% bootstrap intervals.

        Word pieces count one each for token tasks, and are drawn by example for the interval. Empty for a task without classes
        (headline–lead twins).
        """
        task = self.context.task
        examples = ADAPTERS[task.adapter](self.rows, self.context, random.Random(self.seed))
        examples.sort(key=_length)
        gold: list[str] = []
        said: list[str] = []
        sure: list[float] = []
        groups: list[int] = []
        for start in range(0, len(examples), BATCH):
            for number, truth, answer, score in _answers(objectives, examples[start : start + BATCH], task.max_tokens):
                gold.append(str(truth))
                said.append(str(answer))
                sure.append(score)
                groups.append(start + number)
        if not gold:
            return {}
        scores = single_label_scores(gold, said, np.array(sure), Resampling(groups=groups, seed=self.seed))
        figures = {"examples": float(len(examples)), "ece": scores.ece}
        for name, key in (("accuracy", "accuracy"), ("macro F1", "macro_f1")):
            figure = scores.overall[name]
            figures |= {key: figure.value or 0.0, f"{key}_low": figure.low or 0.0, f"{key}_high": figure.high or 0.0}
        return figures


@torch.inference_mode()
def _answers(objectives: Objectives, batch: Sequence[Example], max_tokens: int) -> list[tuple[int, int, int, float]]:
    """For each example or word piece: number of its example in the batch, right class, given class, probability of that."""
    if isinstance(batch[0], Anchor | Twin):
        return []
    logits, gold = objectives.answers(batch, max_tokens)
    probability, answer = logits.softmax(dim=1).max(dim=1)
    per_example = len(gold) // len(batch)
    rows = zip(gold.tolist(), answer.tolist(), probability.tolist(), strict=True)
    return [(number // per_example, *row) for number, row in enumerate(rows) if row[0] != IGNORED]


def _length(example: Example) -> int:
    return len(example.a) if isinstance(example, Pair | Choice) else len(example.text)
