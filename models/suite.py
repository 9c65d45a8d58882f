"""The jobs that a model does, as protocols, and the suite of readers that a predictor runs.

The transformer and the scikit-learn baseline both fill :class:`Suite`, so that they can be swapped by name. What they share
(choosing evidence, adding up a stance table, decoding a headline under its guarantees) is written once and takes the small
scorers below, which are all that differs between them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from copydesk.configs.codebook import Codebook
from copydesk.models.document import Document
from copydesk.models.phrases import Parse
from copydesk.models.schema import Actor, ClaimStance, DyadCode, EventTag, Evidence, Headline, Span, Stance

Floats = NDArray[np.float32]
Case = Literal["sentence", "title"]

ENTAILMENT, NEUTRAL, CONTRADICTION = 0, 1, 2
"""Columns of :meth:`Verifier.entailment`."""
FAVOUR, AGAINST, INDIFFERENT = 0, 1, 2
"""Columns of :meth:`PolarityScorer.polarity`, in the order of ``schema.POLARITIES``."""


# The scorers: what a model must be able to do.


@runtime_checkable
class SentenceEncoder(Protocol):
    """Turns texts into vectors whose dot product is their similarity."""

    def encode(self, texts: Sequence[str]) -> Floats:
        """Unit rows, shape (len(texts), d), in input order."""
        ...


@runtime_checkable
class Verifier(Protocol):
    """Judges how well a premise proves a hypothesis (natural language inference)."""

    def entailment(self, pairs: Sequence[tuple[str, str]]) -> Floats:
        """Probabilities of entailment, neutral and contradiction, shape (len(pairs), 3), in input order.

        :param pairs: (premise, hypothesis) each.
        """
        ...


@dataclass(frozen=True, slots=True)
class PolarityQuery:
    """One question to a polarity scorer: how does ``text`` stand toward the target?

    :param text: A sentence, or a longer passage.
    :param target: The target's name or mention.
    :param target_spans: Where the target stands in ``text`` (code points); empty if it is only a topic.
    :param holder: The entity whose view is asked for; ``None`` is the author's.
    :param holder_spans: Where the holder stands in ``text``.
    """

    text: str
    target: str
    target_spans: tuple[Span, ...] = ()
    holder: str | None = None
    holder_spans: tuple[Span, ...] = ()


class PolarityScorer(Protocol):
    """Polarity of a passage toward a target."""

    def polarity(self, queries: Sequence[PolarityQuery]) -> Floats:
        """Probabilities of favour, against and neutral, shape (len(queries), 3), in input order."""
        ...


@dataclass(frozen=True, slots=True)
class Attribution:
    """Who said what: one attributed statement, as spans into the article's text.

    :param source: The words that name the source; empty where the text leaves it open.
    :param cue: The words that mark the attribution ("said", "according to").
    :param content: What is attributed; a quotation interrupted by its cue has several spans.
    :param score: 0 to 1.
    """

    source: tuple[Span, ...]
    cue: tuple[Span, ...]
    content: tuple[Span, ...]
    score: float = 1.0


class Attributor(Protocol):
    """Finds the attributed statements of an article."""

    def attribute(self, document: Document) -> tuple[Attribution, ...]:
        """Every attribution, by where its content starts."""
        ...


class SalienceScorer(Protocol):
    """Says which sentence carries the news."""

    def salience(self, document: Document) -> Floats:
        """A score for each of ``document.sentences``, higher is more telling, shape (n_sentences,)."""
        ...


class KeepScorer(Protocol):
    """Says which words of a sentence a headline would keep."""

    def keep(self, sentences: Sequence[str], words: Sequence[Sequence[Span]]) -> list[Floats]:
        """For each sentence, the probability of each of its words to be kept.

        :param sentences: The sentences' texts.
        :param words: For each sentence, the spans of its words within the sentence.
        """
        ...


@dataclass(frozen=True, slots=True)
class GapScores:
    """How readily one sentence goes without any stretch of its tokens; higher is readier.

    :param gaps: Of leaving out tokens ``i`` to ``j - 1``, shape (n_tokens + 1, n_tokens + 1); read where ``i < j`` only.
    :param keeps: Of keeping each token, shape (n_tokens,).
    """

    gaps: Floats
    keeps: Floats


@dataclass(frozen=True, slots=True)
class HeadlineReading:
    """What is known of one sentence in view of its article's headline.

    :param words: The probability of each token to be in the published headline, shape (n_tokens,).
    :param gaps: How readily the sentence goes without any stretch of its tokens.
    """

    words: Floats
    gaps: GapScores


class HeadlineReader(Protocol):
    """Reads an article as somebody who must write its headline."""

    def read(self, document: Document, numbers: Sequence[int], reads: Sequence[Parse]) -> list[HeadlineReading]:
        """What is known of some sentences.

        :param document: The article.
        :param numbers: The sentences' places in it, from 0.
        :param reads: The same sentences, parsed.
        """
        ...


class CompressionJudge(Protocol):
    """Says how likely a compression is whole, grammatical English and true to its sentence."""

    def soundness(self, words: Sequence[Sequence[str]], kept: Sequence[Sequence[bool]]) -> Floats:
        """The probability of each compression to be sound, shape (len(words),).

        :param words: The tokens of each sentence.
        :param kept: Whether each token is kept.
        """
        ...


# The readers: the jobs, as the predictor calls them.


class EventTagger(Protocol):
    """What happened."""

    def tag(
        self, documents: Sequence[Document], codebook: Codebook, *, exclusive: bool = False
    ) -> list[tuple[EventTag, ...]]:
        """The event tags of each document, best first, maybe none; ``exclusive`` gives exactly one each."""
        ...


class DyadCoder(Protocol):
    """Who did what to whom."""

    def code(self, dyads: Sequence[tuple[str, str, str]], codebook: Codebook) -> list[DyadCode]:
        """One code for each (sentence, source, target).

        :raises CodebookError: If no label of the codebook has a dyad hypothesis.
        """
        ...


@dataclass(frozen=True, slots=True)
class StanceTable:
    """Who stands where, in one article.

    :param actors: The actors found, most central first.
    :param stances: One row per (holder, target) with statements, then one per target in the article's own voice.
    :param warnings: Which targets were taken and why, which were not found.
    """

    actors: tuple[Actor, ...]
    stances: tuple[Stance, ...]
    warnings: tuple[str, ...] = ()


class StanceReader(Protocol):
    """Who stands where."""

    def table(self, document: Document, targets: Sequence[str] | None = None) -> StanceTable:
        """The article's stance table; ``targets=None`` takes the main actors."""
        ...

    def toward(self, document: Document, target: str | Span, holder: str | None = None) -> Stance:
        """One stance: of ``holder`` (``None``: the article's own voice) toward a target by name or by span."""
        ...


class ClaimReader(Protocol):
    """How an article stands toward a claim."""

    def read(self, document: Document, claim: str) -> ClaimStance:
        """agree, disagree, discuss or unrelated, with the sentences that say so."""
        ...


class Headliner(Protocol):
    """The headline and the summary, made of the article's words."""

    def headlines(
        self,
        document: Document,
        *,
        max_chars: int = 75,
        max_words: int | None = None,
        case: Case = "sentence",
        variants: int = 1,
        use_title: bool = False,
    ) -> tuple[Headline, ...]:
        """Up to ``variants`` different headlines, best first; none where the document has no prose."""
        ...

    def summary(self, document: Document, k: int = 3) -> tuple[Evidence, ...]:
        """The ``k`` most telling sentences with little overlap, in the article's order."""
        ...


@dataclass(frozen=True)
class Suite:
    """A loaded model: everything that :class:`copydesk.ArticlePredictor` runs.

    :param name: As the user gave it: ``embedded``, ``baseline``, a folder or a Hub id.
    :param content_hash: First 16 hex digits of the SHA-256 over the model's files.
    """

    name: str
    content_hash: str
    events: EventTagger
    dyads: DyadCoder
    stance: StanceReader
    claims: ClaimReader
    headlines: Headliner

    def notes(self, codebook: Codebook) -> tuple[str, ...]:
        """What a reader of the records must know about this model with this codebook (a fallback, a missing part)."""
        notes = getattr(self.events, "notes", None)
        return tuple(notes(codebook)) if notes else ()
