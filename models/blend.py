"""Two models asked the same question, their probabilities averaged: the transformer and the scikit-learn baseline.

The two err on different texts (word features know the training tables' wording, the transformer the meaning), so a linear opinion
pool (Stone, 1961) of both is better than either. The weights were fitted on dev tables (benchmarks/blend.py) and stand in the
reader's ``heads.json``.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from copydesk.configs.codebook import Codebook
from copydesk.models.document import Document
from copydesk.models.schema import ClaimStance, DyadCode
from copydesk.models.suite import ClaimReader, DyadCoder, Floats, PolarityQuery, PolarityScorer


def shares(calibration: Mapping[str, Any]) -> dict[str, float]:
    """The transformer's share by job, from the calibration in ``heads.json``; empty for a reader that stands alone."""
    return {str(job): float(share) for job, share in calibration.get("blend", {}).items()}


@dataclass(frozen=True)
class BlendedPolarity:
    """A :class:`~copydesk.models.suite.PolarityScorer`.

    :param first: The one whose share is given.
    :param second: The other.
    :param voice: Share of the first, 0 to 1, for the author's own view of a target that stands in the text.
    :param directed: For a holder's view.
    :param topic: For a target that doesn't stand in the text.
    """

    first: PolarityScorer
    second: PolarityScorer
    voice: float
    directed: float
    topic: float

    def polarity(self, queries: Sequence[PolarityQuery]) -> Floats:
        """Probabilities of favour, against and neutral, shape (len(queries), 3)."""
        one, other = self.first.polarity(queries), self.second.polarity(queries)
        for row, query in enumerate(queries):
            share = self.topic if not query.target_spans else self.directed if query.holder_spans else self.voice
            one[row] = share * one[row] + (1 - share) * other[row]
        return one


@dataclass(frozen=True)
class BlendedClaims:
    """A :class:`~copydesk.models.suite.ClaimReader`; the evidence is the first one's.

    :param first: The one whose share is given.
    :param share: Share of the first, 0 to 1.
    """

    first: ClaimReader
    second: ClaimReader
    share: float

    def read(self, document: Document, claim: str) -> ClaimStance:
        """agree, disagree, discuss or unrelated, with the sentences that say so."""
        one, other = self.first.read(document, claim), self.second.read(document, claim)
        scores = {
            label: self.share * score + (1 - self.share) * other.scores[label] for label, score in one.scores.items()
        }
        best = max(scores, key=lambda label: scores[label])
        answer = one if one.label == best else other
        return replace(answer, score=scores[answer.label], scores=scores)


@dataclass(frozen=True)
class BlendedDyads:
    """A :class:`~copydesk.models.suite.DyadCoder`; for codebooks that the second was not trained on, the first alone.

    :param first: The one whose share is given.
    :param share: Share of the first, 0 to 1.
    :param codebooks: Names of the codebooks that the second was trained on.
    """

    first: DyadCoder
    second: DyadCoder
    share: float
    codebooks: Collection[str]

    def code(self, dyads: Sequence[tuple[str, str, str]], codebook: Codebook) -> list[DyadCode]:
        """One code for each (sentence, source, target)."""
        answers = self.first.code(dyads, codebook)
        if codebook.name not in self.codebooks:
            return answers
        return [self._both(one, other) for one, other in zip(answers, self.second.code(dyads, codebook), strict=True)]

    def _both(self, one: DyadCode, other: DyadCode) -> DyadCode:
        scores = {
            label: self.share * score + (1 - self.share) * other.scores[label] for label, score in one.scores.items()
        }
        best = max(scores, key=lambda label: scores[label])
        return replace(one, label=best, score=scores[best], scores=scores)
