"""Polarity scorers over a transformer: by its trained heads, or zero-shot by stance hypotheses through any verifier."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from copydesk.configs.codebook import Codebook
from copydesk.models.heads import Heads
from copydesk.models.marking import mark_spans
from copydesk.models.schema import POLARITIES, Span
from copydesk.models.suite import AGAINST, ENTAILMENT, FAVOUR, INDIFFERENT, Floats, PolarityQuery, Verifier

DIRECTED_LABELS = ("neutral", "p_positive_to_q", "q_positive_to_p", "p_negative_to_q", "q_negative_to_p")
"""Labels of the ``directed`` head (Park and others, 2021, "Who Blames or Endorses Whom?")."""
MIRROR = {
    "neutral": "neutral",
    "p_positive_to_q": "q_positive_to_p",
    "p_negative_to_q": "q_negative_to_p",
    "q_positive_to_p": "p_positive_to_q",
    "q_negative_to_p": "p_negative_to_q",
}
"""What each label is called when p and q change places, in the order of :meth:`PairScorer.pairs`."""
AUTHOR = "the author"
"""Who holds the view where no holder is named, in a hypothesis."""


class SequenceReader(Protocol):
    """What the heads need of a :class:`~copydesk.models.reader.Reader`."""

    heads: Heads

    def sequence_probabilities(self, head: str, pairs: Sequence[tuple[str, str]]) -> Floats:
        """Calibrated probabilities, shape (len(pairs), len(labels))."""
        ...


class PairScorer(Protocol):
    """Reads both directions between two entities of a text at once."""

    def pairs(self, queries: Sequence[PolarityQuery]) -> Floats:
        """Probabilities of five answers, shape (len(queries), 5), of queries whose holder and target both stand in the text:
        neither takes a side, the holder favours the target, is against it, the target favours the holder, is against it.
        """
        ...


class HeadPolarity:
    """A :class:`~copydesk.models.suite.PolarityScorer` over the trained ``polarity`` and ``directed`` heads.

    A query whose holder stands in the text is one about two entities and goes to ``directed``, in both orders, since the head was
    trained on both; the others go to ``polarity``.

    :param reader: A loaded reader with both heads.
    :raises ModelError: If it lacks one, or its labels are others.
    """

    def __init__(self, reader: SequenceReader) -> None:
        self._reader = reader
        labels = reader.heads.get("polarity").labels
        self._columns = [labels.index(name) for name in POLARITIES]
        directed = reader.heads.get("directed").labels
        self._directed = {name: directed.index(name) for name in DIRECTED_LABELS}

    def polarity(self, queries: Sequence[PolarityQuery]) -> Floats:
        """Probabilities of favour, against and neutral, shape (len(queries), 3), in input order."""
        result = np.zeros((len(queries), len(POLARITIES)), dtype=np.float32)
        paired = [n for n, query in enumerate(queries) if query.holder_spans and query.target_spans]
        single = sorted(set(range(len(queries))) - set(paired))
        if single:
            scores = self._reader.sequence_probabilities("polarity", [_marked_target(queries[n]) for n in single])
            result[single] = scores[:, self._columns]
        if paired:
            five = self.pairs([queries[n] for n in paired])
            result[paired, FAVOUR], result[paired, AGAINST] = five[:, 1], five[:, 2]
            result[paired, INDIFFERENT] = five[:, 0] + five[:, 3] + five[:, 4]
        return result

    def pairs(self, queries: Sequence[PolarityQuery]) -> Floats:
        """The five answers of :meth:`PairScorer.pairs`; the mean of both orders of the pair."""
        ahead = self._reader.sequence_probabilities("directed", [_marked_pair(query) for query in queries])
        back = self._reader.sequence_probabilities("directed", [_marked_pair(query, swap=True) for query in queries])
        mean = [
            (ahead[:, self._directed[own]] + back[:, self._directed[mirrored]]) / 2 for own, mirrored in MIRROR.items()
        ]
        return np.stack(mean, axis=1)


class VerifierPolarity:
    """A :class:`~copydesk.models.suite.PolarityScorer` that needs no training: stance hypotheses through a verifier.

    Each polarity is as likely as its best hypothesis is entailed (Yin, Hay and Roth, 2019), less what its counter-hypotheses are;
    the three are then made to sum to 1.

    :param verifier: Any entailment model.
    :param codebook: Hypotheses with ``{holder}`` and ``{target}``, for the labels favour, against and neutral.
    """

    def __init__(self, verifier: Verifier, codebook: Codebook | None = None) -> None:
        self._verifier = verifier
        self._codebook = codebook or Codebook.load("stance")

    def polarity(self, queries: Sequence[PolarityQuery]) -> Floats:
        """Probabilities of favour, against and neutral, shape (len(queries), 3), in input order."""
        statements = [
            (column, text) for column, name in enumerate(POLARITIES) for text in self._codebook.label(name).hypotheses
        ]
        pairs = [(query.text, _filled(text, query)) for query in queries for _, text in statements]
        if not pairs:
            return np.zeros((0, len(POLARITIES)), dtype=np.float32)
        entailed = self._verifier.entailment(pairs)[:, ENTAILMENT].reshape(len(queries), len(statements))
        columns = np.array([column for column, _ in statements])
        best = np.stack([entailed[:, columns == column].mean(axis=1) for column in range(len(POLARITIES))], axis=1)
        return np.asarray(best / np.maximum(best.sum(axis=1, keepdims=True), 1e-9), dtype=np.float32)


def nearest_pair(query: PolarityQuery) -> tuple[Span, Span]:
    """The holder's and the target's mention that stand nearest to each other."""
    return min(
        ((one, other) for one in query.holder_spans for other in query.target_spans),
        key=lambda pair: max(pair[0][0], pair[1][0]) - min(pair[0][1], pair[1][1]),
    )


def _marked_target(query: PolarityQuery) -> tuple[str, str]:
    """The text with the target's mentions marked, and the target as the text names it; a bare topic stays as asked for."""
    if not query.target_spans:
        return query.text, query.target
    return mark_spans(query.text, first=query.target_spans), _words(query.text, query.target_spans[0])


def _marked_pair(query: PolarityQuery, *, swap: bool = False) -> tuple[str, str]:
    """The text with the nearest pair of holder and target marked as p and q, the other way round on ``swap``."""
    holder, target = nearest_pair(query)
    first, second = (target, holder) if swap else (holder, target)
    marked = mark_spans(query.text, first=[first], second=[second])
    return marked, f"{_words(query.text, first)} ; {_words(query.text, second)}"


def _words(text: str, span: Span) -> str:
    return text[span[0] : span[1]].strip()


def _filled(statement: str, query: PolarityQuery) -> str:
    """A hypothesis with its holder and target, beginning with a capital."""
    filled = statement.replace("{holder}", query.holder or AUTHOR).replace("{target}", query.target)
    return filled[:1].upper() + filled[1:]
