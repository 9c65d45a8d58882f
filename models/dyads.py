"""Who did what to whom, by entailment: each label says it of the two actors, and the best proved statement wins.

The method is that of Hu et al. (2022, "Leveraging Codebook Knowledge with NLI and ChatGPT for Zero-Shot Political Relation
Classification"), but for one thing: the labels are ranked against each other, as the shipped reader was trained to.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from copydesk.configs.codebook import SOURCE, TARGET, Codebook, Label
from copydesk.configs.errors import CodebookError
from copydesk.models.batching import pools
from copydesk.models.calibration import Doubles, log_odds
from copydesk.models.marking import mark_pair
from copydesk.models.schema import DyadCode
from copydesk.models.suite import DyadCoder, SentenceEncoder, Verifier

POOL_PAIRS = 4096
"""(sentence, hypothesis) pairs that are read together; bounds memory."""
DIGITS = 6
"""Decimals of a score: below what batching can change."""


@dataclass(frozen=True, slots=True)
class DyadCalibration:
    """How a checkpoint's scores become the probabilities of a dyad's labels.

    :param statements: How many of a label's statements are read, the first of ``dyad`` and then of ``dyad_future``; its best
        one counts.
    :param odds: Weight of the log-odds of entailment.
    :param similarity: Weight of the cosine between the sentence and the filled statement.
    :param marked: Whether the actors are marked in the sentence, as the shipped reader was trained.
    :param contrast: Weight of how much better a label holds of the swapped actors, taken off its log-odds: that Russia accused
        Turkey is no proof that Turkey accused Russia. Deeds that both share lose nothing by it. It doubles the passes.
    """

    statements: int
    odds: float
    similarity: float
    marked: bool
    contrast: float = 0.0


class EntailmentDyadCoder:
    """A :class:`~copydesk.models.suite.DyadCoder`.

    :param verifier: Reads (sentence, filled statement) pairs; ``None`` goes by similarity alone.
    :param encoder: Embeds sentences and filled statements; used where similarity has weight.
    :param calibration: How the two are weighed.
    """

    def __init__(
        self, verifier: Verifier | None, encoder: SentenceEncoder | None, calibration: DyadCalibration
    ) -> None:
        self._verifier = verifier
        self._encoder = encoder
        self.calibration = calibration

    def code(self, dyads: Sequence[tuple[str, str, str]], codebook: Codebook) -> list[DyadCode]:
        """One code for each (sentence, source, target). Labels without a dyad hypothesis have the probability 0.

        :raises CodebookError: If no label of the codebook has a dyad hypothesis.
        """
        labels = [label for label in codebook.labels if label.dyad or label.dyad_future]
        if not labels:
            raise CodebookError(
                f"no label of the codebook {codebook.name!r} has a dyad hypothesis, so it can't code who did what to whom.",
                remedy=f'Give the labels dyad = ["{SOURCE} attacked {TARGET}."] and the like, or use plover15.',
            )
        templates = [self.templates(label) for label in labels]
        size = sum(len(group) for group in templates)
        codes: list[DyadCode] = []
        for pool in pools(dyads, [size] * len(dyads), POOL_PAIRS):
            for (_, source, target), logits in zip(pool, self._logits(pool, templates), strict=True):
                codes.append(_code(source, target, logits, labels, codebook))
        return codes

    def templates(self, label: Label) -> tuple[str, ...]:
        """A label's statements that are read: its composite one stands first."""
        return (*label.dyad, *label.dyad_future)[: self.calibration.statements]

    def _logits(self, dyads: Sequence[tuple[str, str, str]], templates: Sequence[tuple[str, ...]]) -> Doubles:
        """Of each dyad's labels, shape (dyads, labels)."""
        straight = self.one_way(dyads, templates)
        if not self.calibration.contrast:
            return straight
        swapped = self.one_way([(sentence, target, source) for sentence, source, target in dyads], templates)
        return contrasted(straight, swapped, self.calibration.contrast)

    def one_way(self, dyads: Sequence[tuple[str, str, str]], templates: Sequence[tuple[str, ...]]) -> Doubles:
        """What the statements say of the actors in this order alone, shape (dyads, labels)."""
        width = sum(len(group) for group in templates)
        pairs = [
            (sentence, fill_statement(template, source, target))
            for sentence, source, target in dyads
            for group in templates
            for template in group
        ]
        scores = np.zeros((len(dyads), width))
        if self._verifier is not None and self.calibration.odds:
            marked = [mark_pair(*dyad) if self.calibration.marked else dyad[0] for dyad in dyads]
            asked = [(marked[number // width], hypothesis) for number, (_, hypothesis) in enumerate(pairs)]
            odds = log_odds(self._verifier.entailment(asked)[:, 0].astype(np.float64))
            scores += self.calibration.odds * odds.reshape(-1, width)
        if self._encoder is not None and self.calibration.similarity:
            sentences = self._encoder.encode([sentence for sentence, _, _ in dyads])
            filled = self._encoder.encode([hypothesis for _, hypothesis in pairs])
            cosines = (np.repeat(sentences, width, axis=0) * filled).sum(axis=1)
            scores += self.calibration.similarity * cosines.reshape(-1, width)
        starts = np.cumsum([0] + [len(group) for group in templates[:-1]])
        return np.asarray(np.maximum.reduceat(scores, starts, axis=1))


@dataclass(frozen=True)
class DyadsByCodebook:
    """A :class:`~copydesk.models.suite.DyadCoder` that reads codebooks it was trained on otherwise than its users'.

    :param trained: Codes by the codebooks that the checkpoint learnt, whose composite statement is all that it needs.
    :param others: Codes by all others.
    :param codebooks: Names of the codebooks for ``trained``.
    """

    trained: DyadCoder
    others: DyadCoder
    codebooks: Collection[str]

    def code(self, dyads: Sequence[tuple[str, str, str]], codebook: Codebook) -> list[DyadCode]:
        """One code for each (sentence, source, target)."""
        return (self.trained if codebook.name in self.codebooks else self.others).code(dyads, codebook)


def contrasted(straight: Doubles, swapped: Doubles, weight: float) -> Doubles:
    """Log-odds less ``weight`` times what the swapped actors have more, of the arguments' shape."""
    return straight - weight * np.maximum(swapped - straight, 0.0)


def fill_statement(template: str, source: str, target: str) -> str:
    """A dyad statement with its actors, beginning with a capital.

    One pass over the template, so that an actor whose name holds a placeholder isn't filled a second time.
    """
    filled = source.strip().join(part.replace(TARGET, target.strip()) for part in template.split(SOURCE))
    return filled[:1].upper() + filled[1:]


def _code(source: str, target: str, logits: Doubles, labels: Sequence[Label], codebook: Codebook) -> DyadCode:
    chances: Any = np.exp(logits - logits.max())
    chances = np.round(chances / chances.sum(), DIGITS)
    best = int(np.argmax(logits))
    chances[best] += round(1.0 - float(chances.sum()), DIGITS)  # rounded, they still sum to 1
    known = {label.id: round(float(chance), DIGITS) for label, chance in zip(labels, chances, strict=True)}
    scores = {label_id: known.get(label_id, 0.0) for label_id in codebook.ids}
    return DyadCode(source, target, labels[best].id, scores[labels[best].id], scores)
