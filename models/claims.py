"""How an article stands toward a claim: the sentences that bear on it, read together with it."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from copydesk.models.document import Document
from copydesk.models.heads import Heads
from copydesk.models.passage import relevant_sentences
from copydesk.models.schema import CLAIM_LABELS, ClaimLabel, ClaimStance, quote
from copydesk.models.suite import CONTRADICTION, ENTAILMENT, NEUTRAL, Floats, SentenceEncoder, Verifier

CLAIM_WORDS = 60
"""Words of the article that are read with the claim. The head was trained on 80; macro-F1 on fnc_pairs_dev is .721, .723, .727,
.728, .713 and .722 with 30, 40, 50, 60, 80 and 130."""
MAX_EVIDENCE = 3
"""Sentences given as evidence."""


class ClaimScorer(Protocol):
    """Judges passages against claims."""

    def scores(self, pairs: Sequence[tuple[str, str]]) -> Floats:
        """Probabilities in the order of ``schema.CLAIM_LABELS``, shape (len(pairs), 4), of (passage, claim) pairs."""
        ...


class SequenceReader(Protocol):
    """What the head needs of a :class:`~copydesk.models.reader.Reader`."""

    heads: Heads

    def sequence_probabilities(self, head: str, pairs: Sequence[tuple[str, str]]) -> Floats:
        """Calibrated probabilities, shape (len(pairs), len(labels))."""
        ...


class ClaimDesk:
    """A :class:`~copydesk.models.suite.ClaimReader` over a scorer of passages.

    :param scorer: Judges the passage that is retrieved for a claim.
    :param encoder: Ranks the sentences given as evidence by meaning; by shared words where there is none.
    """

    def __init__(self, scorer: ClaimScorer, encoder: SentenceEncoder | None = None) -> None:
        self._scorer = scorer
        self._encoder = encoder

    def read(self, document: Document, claim: str) -> ClaimStance:
        """agree, disagree, discuss or unrelated, with the sentences nearest to the claim as evidence.

        An article without prose is unrelated to everything.
        """
        sentences = [sentence.text for sentence in document.sentences]
        if not sentences:
            return ClaimStance("unrelated", 1.0, (), {label: float(label == "unrelated") for label in CLAIM_LABELS})
        chosen = relevant_sentences(sentences, claim, CLAIM_WORDS)
        scores = self._scorer.scores([(" ".join(sentences[number] for number in chosen), claim)])[0]
        best: ClaimLabel = CLAIM_LABELS[int(scores.argmax())]
        evidence = tuple(
            quote(document.text, document.sentences[number].span, near)
            for number, near in self._nearest(sentences, chosen, claim, 1 if best == "unrelated" else MAX_EVIDENCE)
        )
        by_label = {str(label): float(score) for label, score in zip(CLAIM_LABELS, scores, strict=True)}
        return ClaimStance(best, float(scores.max()), evidence, by_label)

    def _nearest(
        self, sentences: Sequence[str], chosen: Sequence[int], claim: str, count: int
    ) -> list[tuple[int, float]]:
        """The chosen sentences nearest to the claim, best first, with their similarity, 0 to 1."""
        if self._encoder is None:
            return [(number, 1.0) for number in chosen[:count]]
        vectors = self._encoder.encode([claim, *(sentences[number] for number in chosen)])
        near = np.clip(vectors[1:] @ vectors[0], 0.0, 1.0)
        order = np.argsort(-near, kind="stable")[:count]
        return [(chosen[int(place)], float(near[int(place)])) for place in order]


class HeadClaims:
    """A :class:`ClaimScorer` over the trained ``claim`` head.

    :param reader: A loaded reader with the head.
    :raises ModelError: If it lacks the head.
    """

    def __init__(self, reader: SequenceReader) -> None:
        self._reader = reader
        labels = reader.heads.get("claim").labels
        self._columns = [labels.index(name) for name in CLAIM_LABELS]

    def scores(self, pairs: Sequence[tuple[str, str]]) -> Floats:
        """Probabilities in the order of ``schema.CLAIM_LABELS``, shape (len(pairs), 4)."""
        return self._reader.sequence_probabilities("claim", pairs)[:, self._columns]


class VerifierClaims:
    """A :class:`ClaimScorer` that needs no training: what the passage entails agrees, what it contradicts disagrees.

    Whether it is about the claim at all is read from a hypothesis ("This is about …").

    :param verifier: Any entailment model.
    """

    def __init__(self, verifier: Verifier) -> None:
        self._verifier = verifier

    def scores(self, pairs: Sequence[tuple[str, str]]) -> Floats:
        """Probabilities in the order of ``schema.CLAIM_LABELS``, shape (len(pairs), 4)."""
        if not pairs:
            return np.zeros((0, len(CLAIM_LABELS)), dtype=np.float32)
        related = self._verifier.entailment([(text, f"This is about the claim: {claim}") for text, claim in pairs])[
            :, ENTAILMENT
        ]
        judged = self._verifier.entailment(pairs)
        columns = {"agree": ENTAILMENT, "disagree": CONTRADICTION, "discuss": NEUTRAL}
        result = np.empty((len(pairs), len(CLAIM_LABELS)), dtype=np.float32)
        for place, label in enumerate(CLAIM_LABELS):
            result[:, place] = 1 - related if label == "unrelated" else related * judged[:, columns[label]]
        return result
