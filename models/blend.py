"""Two models asked the same question: the transformer and the scikit-learn baseline, as one answer.

The two err on different texts (word features know the training tables' wording, the transformer the meaning), so a linear opinion
pool (Stone, 1961) of both is better than either. Neither was trained for the measure that rare classes are judged by, so each
class also has an offset on its log probability, and the class that takes no side has slopes on how near the text is to the
topic or claim at all. All of these were fitted on dev tables (``benchmarks/blend.py``) and stand in the reader's ``heads.json``.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

from copydesk.configs.codebook import Codebook
from copydesk.models.document import Document
from copydesk.models.polarity import PairScorer, nearest_pair
from copydesk.models.schema import CLAIM_LABELS, POLARITIES, ClaimStance, DyadCode
from copydesk.models.suite import (
    AGAINST,
    FAVOUR,
    INDIFFERENT,
    ClaimReader,
    DyadCoder,
    Floats,
    PolarityQuery,
    PolarityScorer,
    SentenceEncoder,
)

LEAST = 1e-6
"""Least probability that a pool gives a class, so that its logarithm exists."""
NEUTRAL_LEFT = 0.01
"""Least that is left for neither side where two directions were asked one by one and their sides add up to more than 1."""
TURNED = (0, 3, 4, 1, 2)
"""Where the five answers of :meth:`PairScorer.pairs` stand when the two entities change places."""
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")


@dataclass(frozen=True)
class Pool:
    """How two models' probabilities become one.

    :param share: Share of the first model in the linear pool, 0 to 1.
    :param offsets: Added to the log probability of each class; empty for none.
    :param relevance: Slopes, on the log probability of the last class (neutral, unrelated), of each figure of
        :func:`relevance`; empty for none.
    """

    share: float
    offsets: tuple[float, ...] = ()
    relevance: tuple[float, ...] = ()

    @classmethod
    def read(cls, fitted: float | Mapping[str, Any]) -> "Pool":
        """From ``heads.json``: a bare share, or all that was fitted."""
        if isinstance(fitted, Mapping):
            return cls(
                float(fitted["share"]),
                tuple(map(float, fitted.get("offsets", ()))),
                tuple(map(float, fitted.get("relevance", ()))),
            )
        return cls(float(fitted))

    def join(self, first: Floats, second: Floats, near: Floats | None = None, offsets: Floats | None = None) -> Floats:
        """The pooled probabilities, shape (n, classes).

        :param first: Probabilities of the model whose share is given, shape (n, classes).
        :param second: The other's.
        :param near: Figures of :func:`relevance`, shape (n, 2); needed where the pool has slopes for them.
        :param offsets: Instead of the pool's own, shape (n, classes).
        """
        logs = np.log(np.maximum(self.share * first + (1 - self.share) * second, LEAST))
        if offsets is not None:
            logs = logs + offsets
        elif self.offsets:
            logs = logs + np.asarray(self.offsets, dtype=np.float32)
        if self.relevance and near is not None:
            logs[:, -1] += near @ np.asarray(self.relevance, dtype=np.float32)
        powers = np.exp(logs - logs.max(axis=1, keepdims=True))
        return np.asarray(powers / powers.sum(axis=1, keepdims=True), dtype=np.float32)


def shares(calibration: Mapping[str, Any]) -> dict[str, float]:
    """The transformer's share by job, from the calibration in ``heads.json``; empty for a reader that stands alone."""
    return {job: pool.share for job, pool in pools(calibration).items()}


def pools(calibration: Mapping[str, Any]) -> dict[str, Pool]:
    """The pools by job, from the calibration in ``heads.json``; empty for a reader that stands alone."""
    return {str(job): Pool.read(fitted) for job, fitted in calibration.get("blend", {}).items()}


def relevance(encoder: SentenceEncoder, pairs: Sequence[tuple[Sequence[str], str]]) -> Floats:
    """How near texts are to topics or claims: cosine of the nearest sentence and of the whole as far as it is read, shape (n, 2).

    :param pairs: (the text's sentences, topic) each.
    """
    wholes = [" ".join(sentences) for sentences, _ in pairs]
    texts = dict.fromkeys(
        text for whole, (sentences, topic) in zip(wholes, pairs, strict=True) for text in (whole, topic, *sentences)
    )
    vector = dict(zip(texts, encoder.encode(list(texts)), strict=True)) if texts else {}
    figures = [
        (
            max((float(vector[one] @ vector[topic]) for one in sentences), default=0.0),
            float(vector[whole] @ vector[topic]),
        )
        for whole, (sentences, topic) in zip(wholes, pairs, strict=True)
    ]
    return np.asarray(figures, dtype=np.float32).reshape(-1, 2)


class PairedScorer(PolarityScorer, PairScorer, Protocol):
    """A polarity scorer that reads both directions between two entities at once."""


@dataclass(frozen=True)
class BlendedPolarity:
    """A :class:`~copydesk.models.suite.PolarityScorer`.

    :param first: The one whose share is given.
    :param second: The other.
    :param voice: Pool for the author's own view of a target that stands in the text, over favour, against and neutral.
    :param directed: Pool for a holder's view, over the five answers of :meth:`PairScorer.pairs`; its offsets are for a
        holder that stands before the target.
    :param topic: Pool for a target that doesn't stand in the text.
    :param encoder: Tells how near a text is to a topic; needed where the topic's pool has slopes for it.
    """

    first: PairedScorer
    second: PolarityScorer
    voice: Pool
    directed: Pool
    topic: Pool
    encoder: SentenceEncoder | None = None

    def polarity(self, queries: Sequence[PolarityQuery]) -> Floats:
        """Probabilities of favour, against and neutral, shape (len(queries), 3)."""
        result = np.zeros((len(queries), len(POLARITIES)), dtype=np.float32)
        paired, marked, topics = (
            [n for n, query in enumerate(queries) if _kind(query) == kind] for kind in ("directed", "voice", "topic")
        )
        for rows, pool in ((marked, self.voice), (topics, self.topic)):
            if rows:
                asked = [queries[n] for n in rows]
                near = self.near(asked) if pool.relevance else None
                result[rows] = pool.join(self.first.polarity(asked), self.second.polarity(asked), near)
        if paired:
            result[paired] = self._directed([queries[n] for n in paired])
        return result

    def near(self, queries: Sequence[PolarityQuery]) -> Floats | None:
        """Figures of :func:`relevance` of each query, shape (len(queries), 2); ``None`` without an encoder."""
        if self.encoder is None:
            return None
        return relevance(self.encoder, [(_SENTENCE_END.split(query.text), query.target) for query in queries])

    def _directed(self, queries: Sequence[PolarityQuery]) -> Floats:
        five = self.directed.join(
            self.first.pairs(queries),
            both_ways(self.second, queries),
            offsets=in_text_order(self.directed.offsets, queries) if self.directed.offsets else None,
        )
        rest = [five[:, [column for column in range(five.shape[1]) if column != own]].max(axis=1) for own in (1, 2)]
        result = np.empty((len(queries), len(POLARITIES)), dtype=np.float32)
        # A side stands for itself against its strongest rival, so that it passes one half where it is the best of the five.
        result[:, FAVOUR] = five[:, 1] / np.maximum(five[:, 1] + rest[0], LEAST)
        result[:, AGAINST] = five[:, 2] / np.maximum(five[:, 2] + rest[1], LEAST)
        result[:, INDIFFERENT] = np.maximum(1.0 - result[:, FAVOUR] - result[:, AGAINST], 0.0)
        return result


def both_ways(scorer: PolarityScorer, queries: Sequence[PolarityQuery]) -> Floats:
    """The five answers of :meth:`PairScorer.pairs` from a scorer that is asked each direction by itself."""
    ahead = scorer.polarity(queries)
    back = scorer.polarity(
        [
            replace(
                query,
                target=query.holder or "",
                target_spans=query.holder_spans,
                holder=query.target,
                holder_spans=query.target_spans,
            )
            for query in queries
        ]
    )
    sides = np.concatenate([ahead[:, [FAVOUR, AGAINST]], back[:, [FAVOUR, AGAINST]]], axis=1)
    five = np.concatenate([np.maximum(1.0 - sides.sum(axis=1, keepdims=True), NEUTRAL_LEFT), sides], axis=1)
    return np.asarray(five / five.sum(axis=1, keepdims=True), dtype=np.float32)


def in_text_order(offsets: Sequence[float], queries: Sequence[PolarityQuery]) -> Floats:
    """Each query's offsets, shape (n, 5): as given where its holder stands first, else with the directions changed."""
    given = np.asarray(offsets, dtype=np.float32)
    turned = given[list(TURNED)]
    return np.stack([given if holder < target else turned for holder, target in map(nearest_pair, queries)])


@dataclass(frozen=True)
class BlendedClaims:
    """A :class:`~copydesk.models.suite.ClaimReader`; the evidence is that of the one that gives the pool's answer itself.

    :param first: The one whose share is given.
    :param second: The other.
    :param pool: Over agree, disagree, discuss and unrelated.
    :param encoder: Tells how near an article is to a claim; needed where the pool has slopes for it.
    """

    first: ClaimReader
    second: ClaimReader
    pool: Pool
    encoder: SentenceEncoder | None = None

    def read(self, document: Document, claim: str) -> ClaimStance:
        """agree, disagree, discuss or unrelated, with the sentences that say so."""
        one, other = self.first.read(document, claim), self.second.read(document, claim)
        if not document.sentences:
            return one
        near = None
        if self.pool.relevance and self.encoder is not None:
            sentences = [sentence.text for sentence in document.sentences]
            near = relevance(self.encoder, [(sentences, claim)])
        first, second = (
            np.array([[answer.scores[label] for label in one.scores]], dtype=np.float32) for answer in (one, other)
        )
        joined = self.pool.join(first, second, near)[0]
        scores = {label: float(score) for label, score in zip(one.scores, joined, strict=True)}
        best = max(CLAIM_LABELS, key=lambda label: scores[label])
        source = one if one.label == best else other
        return replace(source, label=best, score=scores[best], scores=scores)


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


def _kind(query: PolarityQuery) -> str:
    if not query.target_spans:
        return "topic"
    return "directed" if query.holder_spans else "voice"
