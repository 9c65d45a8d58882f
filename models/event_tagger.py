"""Zero-shot event tagging by retrieve-then-verify: for any label set, any encoder and any entailment model.

Every sentence is encoded once. A label's statements are near some sentences, its likely proofs; the few likeliest
(sentence, label) pairs of an article are read by the verifier; both scores together, calibrated, decide. What an article costs
beyond its own encoding is bounded by :data:`PAIRS_BASE` and :data:`PAIRS_PER_PIECE`, not by the number of labels. Beside a reader
of ours there is a teller (:mod:`copydesk.models.teller`), which says how near a label lies to what each sentence tells; the
verifier brings nothing beside it and is not asked.
"""

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from copydesk.configs.codebook import Codebook, ancestors
from copydesk.configs.label_lexicon import spelt_out
from copydesk.models.batching import pools
from copydesk.models.calibration import Doubles, EventCalibration, log_odds, log_shares, soft_maximum, softmax
from copydesk.models.clauses import Count, read_pieces
from copydesk.models.document import Document
from copydesk.models.known_labels import KnownLabels
from copydesk.models.modal_evidence import WORTH, ModalEvidence, ModalLabels
from copydesk.models.modality import modality
from copydesk.models.schema import EventTag, Span, quote
from copydesk.models.second_opinion import SecondOpinion, weights_for
from copydesk.models.suite import SentenceEncoder, Verifier

Context = Literal["none", "previous", "lead"]
"""What a proof is read with: nothing, the sentence before it, or the article's first sentence."""

POOL_PIECES = 4096
"""Pieces of articles that are read together; bounds memory however many articles come."""
PAIRS_BASE = 5
"""Pairs that are verified of any article, and of a lone sentence."""
PAIRS_PER_PIECE = 0.13
"""Further pairs for each piece of the article; under few labels news seldom needs as many, see :data:`LIKELY_ODDS` …"""
MANY_LABELS = 64
PAIRS_PER_PIECE_OF_MANY = 0.06
"""… and under more labels than that, which overlap, every article would: 128 labels keep four fifths of the speed of one
(benchmarks/labels.py)."""
LIKELY_ODDS = 3.0
"""A pair is verified only if with such log-odds of entailment its label would hold: nine of ten right proofs in plover_train have
less. Where nothing can come of it, nothing is read."""
RIVALRY = 2.0
"""How much standing out among its rivals counts beside similarity where pairs are retrieved; the fits for `many` give 1.7 to 2.7
times the weight."""
PROOFS_PER_LABEL = 3
"""Most sentences that are verified for one label."""
MAX_EVIDENCE = 3
"""Proofs shown with a tag."""
EVIDENCE_RATIO = 0.7
"""A further proof is shown if its own probability is at least this share of the best one's."""
DIGITS = 6
"""Decimals of a score: below what batching can change."""


@dataclass(frozen=True)
class Reading:
    """One article under one codebook.

    :param pieces: Spans of its pieces.
    :param similarity: Of each piece to each label, shape (pieces, labels): the cosine, and what the piece's modality adds to it.
    :param statement: The nearest statement's column of each piece and label, shape (pieces, labels).
    :param clauses: By (piece, label), the span in the article of the clause that is nearer to the label than the whole piece.
    :param odds: Verified log-odds of entailment by (piece, label).
    :param signs: What each piece's modality says for each label, shape (pieces, labels), as in
        :class:`~copydesk.models.modal_evidence.ModalEvidence`; ``None`` where it was not asked.
    :param ungained: ``similarity`` without what modality added to labels, but with what it took.
    :param opinion: What a linear model says for each label, shape (labels,), or ``None`` where none was asked.
    :param told: Similarity of what each piece tells to each label, shape (pieces, labels); ``None`` where the teller
        wasn't asked.
    """

    document: Document
    pieces: list[Span]
    similarity: Doubles
    statement: NDArray[np.int64]
    clauses: dict[tuple[int, int], Span] = field(default_factory=dict)
    odds: dict[tuple[int, int], float] = field(default_factory=dict)
    signs: Doubles | None = None
    ungained: Doubles | None = None
    opinion: Doubles | None = None
    told: Doubles | None = None

    def all_odds(self, unverified: float) -> Doubles:
        """The log-odds of every piece and label, shape (pieces, labels)."""
        odds = np.full(self.similarity.shape, unverified)
        for (piece, label), value in self.odds.items():
            odds[piece, label] = value
        return odds

    def best_odds(self, unverified: float) -> Doubles:
        """The log-odds of each label's best verified proof, shape (labels,)."""
        best = np.full(self.similarity.shape[1], -np.inf)
        for (_, label), odds in self.odds.items():
            best[label] = max(best[label], odds)
        return np.where(np.isfinite(best), best, unverified)


class RetrieveVerifyTagger:
    """An :class:`~copydesk.models.suite.EventTagger`.

    :param encoder: Embeds sentences. ``None`` retrieves nothing: every (sentence, statement) pair is verified.
    :param labels: Embeds statements into the same space; a cache over ``encoder``.
    :param verifier: Reads pairs; ``None`` decides by similarity alone.
    :param calibration: How all that they say is pooled and weighed.
    :param count: Counts tokens, to split overlong sentences.
    :param piece_tokens: Longest piece that is read at once.
    :param context: What a proof is verified with.
    :param known_labels: Whether bare labels are read with the statements of known ones; never without an encoder, where each
        statement costs a pass over the article.
    """

    def __init__(
        self,
        encoder: SentenceEncoder | None,
        labels: SentenceEncoder | None,
        verifier: Verifier | None,
        calibration: EventCalibration,
        *,
        count: Count,
        piece_tokens: int,
        context: Context = "none",
        known_labels: bool = True,
    ) -> None:
        self._encoder = encoder
        self._labels = labels
        self._verifier = verifier
        self.calibration = calibration
        self._count = count
        self._piece_tokens = piece_tokens
        self._context: Context = context
        self.exhaustive = False
        self._hears_modality = True
        self._second: SecondOpinion | None = None
        self._teller: SentenceEncoder | None = None
        self._known = KnownLabels(labels) if known_labels and encoder is not None else None

    def calibrated(self, calibration: EventCalibration) -> "RetrieveVerifyTagger":
        """The same tagger with other weights."""
        return self._but(calibration=calibration)

    def advised(self, second: SecondOpinion) -> "RetrieveVerifyTagger":
        """The same tagger, which also hears a linear model on exclusive labels that its calibration has weights for."""
        return self._but(_second=second)

    def with_teller(self, teller: SentenceEncoder) -> "RetrieveVerifyTagger":
        """The same tagger, which also asks what sentences tell where its calibration has a weight for it.

        :param teller: Embeds sentences by what they tell, into the encoder's space; :class:`~copydesk.models.teller.Teller`.
        """
        return self._but(_teller=teller)

    def exhaustively(self) -> "RetrieveVerifyTagger":
        """The same tagger without a budget: every (sentence, label) pair is verified, by the label's nearest statement; the
        reference for what the budget loses.
        """
        return self._but(exhaustive=True)

    def without_modality(self) -> "RetrieveVerifyTagger":
        """The same tagger by what sentences are about alone, whether it happened or is only demanded; what modality is worth."""
        return self._but(_hears_modality=False)

    def tag(
        self, documents: Sequence[Document], codebook: Codebook, *, exclusive: bool = False
    ) -> list[tuple[EventTag, ...]]:
        """The event tags of each document, best first, maybe none; ``exclusive`` gives exactly one each.

        Exclusive answers are leaves of the codebook's hierarchy. A document without prose has no evidence to show: it gets no
        tag, or with ``exclusive`` the codebook's first leaf with a score of 0 and no evidence.
        """
        sizes = [len(document.sentences) for document in documents]
        tags: list[tuple[EventTag, ...]] = []
        for pool in pools(documents, sizes, POOL_PIECES):
            tags += self.decide(self.read(pool, codebook, exclusive=exclusive), codebook, exclusive=exclusive)
        return tags

    def decide(
        self, readings: Sequence[Reading], codebook: Codebook, *, exclusive: bool = False
    ) -> list[tuple[EventTag, ...]]:
        """From scores to tags, as :meth:`tag` says."""
        family = Family(self._worded(codebook))
        return [self._one(reading, family) if exclusive else self._many(reading, family) for reading in readings]

    def read(self, documents: Sequence[Document], codebook: Codebook, *, exclusive: bool = False) -> list[Reading]:
        """Retrieve and verify; the scores that :meth:`tag` decides on."""
        codebook = self._worded(codebook)
        spans = [read_pieces(document, self._count, self._piece_tokens) for document in documents]
        texts = [document.text[a:b] for document, pieces in zip(documents, spans, strict=True) for a, b in pieces]
        wording, family = _Wording.of(codebook), Family(codebook)
        # The teller first: the encoder remembers what was computed on the way. Exclusive answers are proved by it, too.
        asks_teller = self._teller is not None and self.calibration.several(codebook).told != 0
        told = self._similarities(texts, wording, self._teller) if asks_teller else None
        similarities = self._similarities(texts, wording)
        readings: list[Reading] = []
        at = 0
        for document, pieces in zip(documents, spans, strict=True):
            part = slice(at, at + len(pieces))
            at = part.stop
            rows = similarities[part]
            reading = Reading(document, pieces, self._pooled(rows, wording), wording.nearest_statement(rows))
            readings.append(reading if told is None else replace(reading, told=self._pooled(told[part], wording)))
        readings = self._with_modality(readings, wording, codebook)
        weights = self.calibration.one if exclusive else self.calibration.several(codebook)
        if self._verifier is not None and weights.odds:  # what has no weight needn't be read
            self._verify(readings, wording, family, exclusive)
        if exclusive and self._second is not None and (given := weights_for(codebook, self.calibration.opinions)):
            opinions = self._second.of(documents, codebook, given)
            if opinions is not None:
                return [replace(reading, opinion=row) for reading, row in zip(readings, opinions, strict=True)]
        return readings

    def notes(self, codebook: Codebook) -> tuple[str, ...]:
        """Which labels are read with statements that the codebook doesn't give."""
        note = self._known.note(codebook) if self._known else ""
        return (note,) if note else ()

    def _worded(self, codebook: Codebook) -> Codebook:
        return self._known.widened(codebook) if self._known else codebook

    def _but(self, **changed: Any) -> "RetrieveVerifyTagger":
        other = copy(self)
        for name, value in changed.items():
            setattr(other, name, value)
        return other

    def _similarities(
        self, texts: Sequence[str], wording: "_Wording", encoder: SentenceEncoder | None = None
    ) -> NDArray[np.float32]:
        """Cosines, shape (texts, wording.texts).

        :param encoder: Of the texts, if another than that of the labels.

        A text that comes twice is multiplied once: a matrix product's last bits hang on the row (measured with AVX2), and of two
        equal sentences now the one and now the other would be the proof.
        """
        if encoder is None:
            encoder = self._encoder
        if encoder is None or self._labels is None or not texts:
            return np.zeros((len(texts), len(wording.texts)), dtype=np.float32)
        once = {text: number for number, text in enumerate(dict.fromkeys(texts))}
        cosines = encoder.encode(list(once)) @ self._labels.encode(wording.texts).T
        return cosines[[once[text] for text in texts]]

    def _pooled(self, rows: NDArray[np.float32], wording: "_Wording") -> Doubles:
        """Similarities to labels, rounded, so that sentences which are level stay so whatever batch they were read in."""
        return np.round(soft_maximum(rows, wording.starts, self.calibration.temperature), DIGITS)

    def _with_modality(self, readings: list[Reading], wording: "_Wording", codebook: Codebook) -> list[Reading]:
        """The readings with what the modality of their pieces speaks for."""
        labels = ModalLabels(codebook)
        if self._encoder is None or not self._hears_modality or not labels:
            return readings
        found = [
            labels.evidence([reading.document.text[a:b] for a, b in reading.pieces], reading.similarity)
            for reading in readings
        ]
        plain = [reading.similarity.copy() for reading in readings]
        self._read_clauses(readings, found, wording)
        return [
            replace(
                reading,
                similarity=reading.similarity + WORTH * evidence.signs,
                signs=evidence.signs,
                ungained=before + WORTH * np.minimum(evidence.signs, 0.0),
            )
            for reading, evidence, before in zip(readings, found, plain, strict=True)
        ]

    def _read_clauses(self, readings: Sequence[Reading], found: Sequence[ModalEvidence], wording: "_Wording") -> None:
        """Note in the readings where a clause lies nearer to a label that it speaks for than its whole piece does."""
        clauses = [
            (reading, piece, evidence.signs[piece] == 1, (reading.pieces[piece][0] + a, reading.pieces[piece][0] + b))
            for reading, evidence in zip(readings, found, strict=True)
            for piece, (a, b) in evidence.clauses.items()
        ]
        rows = self._similarities([reading.document.text[a:b] for reading, _, _, (a, b) in clauses], wording)
        pooled, statements = self._pooled(rows, wording), wording.nearest_statement(rows)
        for (reading, piece, spoken_for, span), similarity, statement in zip(clauses, pooled, statements, strict=True):
            for label in np.flatnonzero(spoken_for & (similarity > reading.similarity[piece])).tolist():
                reading.similarity[piece, label] = similarity[label]
                reading.statement[piece, label] = statement[label]
                reading.clauses[piece, label] = span

    def _verify(self, readings: Sequence[Reading], wording: "_Wording", family: "Family", exclusive: bool) -> None:
        """Read the likely proofs of all articles in one go, and note their odds in the readings."""
        asked: list[tuple[int, int, int]] = []  # (reading, piece, label)
        pairs: list[tuple[str, str]] = []
        for number, reading in enumerate(readings):
            for piece, label, statement in self._candidates(reading, wording, family, exclusive):
                asked.append((number, piece, label))
                pairs.append((self._premise(reading, piece, label), wording.texts[statement]))
        if not pairs or self._verifier is None:
            return
        odds = log_odds(self._verifier.entailment(pairs)[:, 0].astype(np.float64))
        for (number, piece, label), value in zip(asked, odds.tolist(), strict=True):
            known = readings[number].odds
            known[piece, label] = max(value, known.get((piece, label), value))

    def _candidates(
        self, reading: Reading, wording: "_Wording", family: "Family", exclusive: bool
    ) -> list[tuple[int, int, int]]:
        """The (piece, label, statement) triples to verify, within the article's budget."""
        count, labels = reading.similarity.shape
        if self._encoder is None:
            return [
                (piece, int(wording.owner[column]), int(column))
                for piece in range(count)
                for column in np.flatnonzero(wording.is_statement)
            ]
        if exclusive:  # the likeliest labels, each by its nearest piece
            rank_of = np.broadcast_to(self.calibration.one.article(reading.similarity), reading.similarity.shape)
            order = np.argsort(-reading.similarity, axis=0, kind="stable")  # (pieces, labels)
        else:  # the likeliest proofs
            rank_of = family.nearness(reading.similarity, self.calibration.temperature)
            order = np.argsort(-rank_of, axis=0, kind="stable")
        each = count if self.exhaustive else min(count, 1 if exclusive else PROOFS_PER_LABEL)
        per_piece = PAIRS_PER_PIECE if labels <= MANY_LABELS else PAIRS_PER_PIECE_OF_MANY
        budget = count * labels if self.exhaustive else PAIRS_BASE + int(per_piece * count)
        hopeful = np.full((count, labels), True) if self.exhaustive or exclusive else self._hopeful(reading, family)
        # Every label's nearest piece before any label's second: a label that has three near proofs leaves others theirs.
        found = [
            (rank, -float(rank_of[piece, label]), label, int(piece))
            for rank in range(each)
            for label, piece in enumerate(order[rank])
            if hopeful[piece, label]
        ]
        return [(piece, label, int(reading.statement[piece, label])) for *_, label, piece in sorted(found)[:budget]]

    def _hopeful(self, reading: Reading, family: "Family") -> NDArray[np.bool_]:
        """Which pairs would bring a tag if they were entailed, shape (pieces, labels)."""
        logits = self._weighed(reading, family, np.full(reading.similarity.shape, LIKELY_ODDS))
        return self.calibration.chances(family.codebook.name, logits) >= family.least_thresholds

    def _premise(self, reading: Reading, piece: int, label: int) -> str:
        text = reading.document.text
        start, end = reading.clauses.get((piece, label), reading.pieces[piece])
        before = {"none": None, "previous": piece - 1, "lead": 0}[self._context]
        if before is None or before < 0 or before == piece:
            return text[start:end]
        first, last = reading.pieces[before]
        return f"{text[first:last]} {text[start:end]}"

    def chances(self, reading: Reading, family: "Family") -> Doubles:
        """The probability of each label by each piece alone, shape (pieces, labels)."""
        weighed = self._weighed(reading, family, reading.all_odds(self.calibration.unverified))
        return self.calibration.chances(family.codebook.name, weighed)

    def _weighed(self, reading: Reading, family: "Family", odds: Doubles) -> Doubles:
        shares = family.log_shares(reading.similarity, self.calibration.temperature)
        if reading.signs is not None and reading.ungained is not None and (reading.signs > 0).any():
            # What one clause demands is no rival of what another tells: "protested in the capital and demanded talks".
            apart = family.log_shares(reading.ungained, self.calibration.temperature)
            shares = np.where(reading.signs == 0, apart, shares)
        weights = self.calibration.several(family.codebook)
        return weights.apply(reading.similarity, shares, odds, reading.told)

    def _many(self, reading: Reading, family: "Family") -> tuple[EventTag, ...]:
        if not reading.pieces:
            return ()
        chances = self.chances(reading, family)
        scores = family.with_descendants(chances.max(axis=0))
        chosen = np.flatnonzero(np.round(scores, DIGITS) >= family.thresholds)
        tags = [self._tag(reading, family, chances, int(index), float(scores[index])) for index in chosen]
        return tuple(sorted(tags, key=lambda tag: (-tag.score, family.number[tag.label])))

    def _one(self, reading: Reading, family: "Family") -> tuple[EventTag, ...]:
        if not reading.pieces:
            first = family.codebook.labels[family.leaves[0]]
            return (EventTag(first.id, 0.0, (), name=first.name, parent=first.parent),)
        weights = self.calibration.one
        article = weights.article(reading.similarity)[family.leaves]
        given = weights_for(family.codebook, self.calibration.opinions)
        if reading.opinion is not None and given is not None:
            logits = given.similarity * article + given.opinion * reading.opinion[family.leaves]
        else:
            odds = reading.best_odds(self.calibration.unverified)[family.leaves]
            logits = weights.apply(article, log_shares(article, self.calibration.temperature), odds)
        shares = softmax(logits)
        best = int(np.argmax(shares))
        leaf = int(family.leaves[best])
        return (self._tag(reading, family, self.chances(reading, family), leaf, float(shares[best])),)

    def _tag(self, reading: Reading, family: "Family", chances: Doubles, index: int, score: float) -> EventTag:
        """The tag with its proofs; a parent's proofs are its sub-types' as well."""
        label, below = family.codebook.labels[index], family.descendants[index]
        proofs = np.round(chances[:, [index, *below]].max(axis=1), DIGITS)
        order = np.argsort(-proofs, kind="stable")[:MAX_EVIDENCE]
        evidence = tuple(
            quote(reading.document.text, reading.pieces[piece], float(proofs[piece]))
            for rank, piece in enumerate(order.tolist())
            if rank == 0 or proofs[piece] >= EVIDENCE_RATIO * proofs[order[0]]
        )
        best_child = max(below, key=lambda child: (chances[:, child].max(), -child)) if below else None
        return EventTag(
            label=label.id,
            score=round(score, DIGITS),
            evidence=evidence,
            modality=modality(evidence[0].text, label),
            name=label.name,
            parent=label.parent,
            child=None if best_child is None else family.codebook.labels[best_child].id,
        )


class Family:
    """A codebook's hierarchy, by label numbers."""

    def __init__(self, codebook: Codebook) -> None:
        self.codebook = codebook
        self.number = {label.id: number for number, label in enumerate(codebook.labels)}
        self.thresholds = np.array([codebook.threshold_of(label) for label in codebook.labels])
        self.least_thresholds = self.thresholds.copy()
        """Of each label or of one above it, which its proofs support as well."""
        self.descendants: list[list[int]] = [[] for _ in codebook.labels]
        parent_of = {label.id: label.parent for label in codebook.labels}
        for number, label in enumerate(codebook.labels):
            for above in ancestors(label.id, parent_of):
                self.descendants[self.number[above]].append(number)
                self.least_thresholds[number] = min(self.least_thresholds[number], self.thresholds[self.number[above]])
        every = range(len(codebook.labels))
        self.leaves = np.array([number for number in every if not self.descendants[number]])
        self._tops = np.array([number for number in every if codebook.labels[number].parent is None])

    def log_shares(self, similarity: Doubles, temperature: float) -> Doubles:
        """How each label stands among its rivals (:func:`~copydesk.models.calibration.log_shares`), shape (pieces, labels).

        A sub-type and its parent are no rivals: leaves compete with leaves, a parent with the other labels of the top level.
        """
        found = np.zeros_like(similarity)
        for rivals in (self._tops, self.leaves):
            found[:, rivals] = log_shares(similarity[:, rivals], temperature)
        return found

    def nearness(self, similarity: Doubles, temperature: float) -> Doubles:
        """By which pairs are retrieved, shape (pieces, labels)."""
        return similarity + RIVALRY * self.log_shares(similarity, temperature)

    def with_descendants(self, scores: Doubles) -> Doubles:
        """Each label's score, or the best of its descendants' where that is higher: a sub-type's proof is its parent's."""
        return np.array([max([scores[number], *scores[below]]) for number, below in enumerate(self.descendants)])


@dataclass(frozen=True)
class _Wording:
    """All the texts that stand for a codebook's labels: statements, name and definition.

    Name and definition beside the statements measured better than the statements alone on all five dev sets
    (docs/event_tagging.md). Only statements are verified: a name proves nothing.

    :param texts: Of all labels, label by label.
    :param starts: Each label's first text.
    :param owner: Each text's label.
    :param is_statement: Which texts are statements; at least one for each label.
    """

    texts: tuple[str, ...]
    starts: NDArray[np.int64]
    owner: NDArray[np.int64]
    is_statement: NDArray[np.bool_]

    @classmethod
    def of(cls, codebook: Codebook) -> "_Wording":
        texts: list[str] = []
        starts: list[int] = []
        owner: list[int] = []
        is_statement: list[bool] = []
        for number, label in enumerate(codebook.labels):
            starts.append(len(texts))
            for text in dict.fromkeys((*label.statements, spelt_out(label.name), label.definition)):
                if text:
                    texts.append(text)
                    owner.append(number)
                    is_statement.append(text in label.statements)
        return cls(tuple(texts), np.array(starts), np.array(owner), np.array(is_statement))

    def nearest_statement(self, similarities: NDArray[np.float32]) -> NDArray[np.int64]:
        """For each piece and label the number of the label's nearest statement, shape (pieces, labels).

        :param similarities: Of each piece to each text.
        """
        allowed = np.where(self.is_statement, similarities, -np.inf)
        best = np.maximum.reduceat(allowed, self.starts, axis=1)
        columns = np.where(allowed == best[:, self.owner], np.arange(len(self.texts)), len(self.texts))
        return np.asarray(np.minimum.reduceat(columns, self.starts, axis=1))
