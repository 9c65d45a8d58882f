"""Dev scores during training: quick, on a seeded part of each dev table. Final figures come from ``copydesk evaluate``."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from sklearn.metrics import accuracy_score, f1_score

from copydesk.training.adapters import ADAPTERS, Context, Row
from copydesk.training.examples import Choice, Example, Match, Pair, Tags
from copydesk.training.objectives import IGNORED, Objectives

BATCH = 32
"""Examples in one evaluation batch; listwise ones count as one."""


@dataclass(frozen=True)
class DevSet:
    """The dev rows of one task."""

    context: Context
    rows: Sequence[Row]
    seed: int

    def score(self, objectives: Objectives) -> dict[str, float]:
        """Accuracy and macro-F1 over the examples of the dev rows.

        Word pieces count one each for token tasks. Tasks without classes (headline–lead twins) give how often the right
        twin is the nearest in its batch.
        """
        task = self.context.task
        examples = ADAPTERS[task.adapter](self.rows, self.context, random.Random(self.seed))
        examples.sort(key=_length)
        gold: list[int] = []
        said: list[int] = []
        for start in range(0, len(examples), BATCH):
            truth, answer = _answers(objectives, examples[start : start + BATCH], task.max_tokens)
            gold += truth
            said += answer
        if not gold:
            return {}
        return {
            "examples": float(len(examples)),
            "accuracy": float(accuracy_score(gold, said)),
            "macro_f1": float(f1_score(gold, said, average="macro", labels=sorted(set(gold)), zero_division=0.0)),
        }


@torch.inference_mode()
def _answers(objectives: Objectives, batch: Sequence[Example], max_tokens: int) -> tuple[list[int], list[int]]:
    match batch[0]:
        case Pair() | Tags():
            logits, gold = objectives.classes(batch, max_tokens)
            asked = gold != IGNORED
            logits, gold = logits[asked], gold[asked]
        case Choice():
            logits, gold = objectives.choices(batch, max_tokens)
        case Match():
            logits, gold = objectives.matches(batch, max_tokens)
        case _:
            return [], []
    return gold.tolist(), logits.argmax(dim=1).tolist()


def _length(example: Example) -> int:
    return len(example.a) if isinstance(example, Pair | Choice) else len(example.text)
