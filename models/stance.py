"""Who stands where: an article's stance table, and single stances of a holder, or of the article's own voice, toward a target.

Actors and attributions say which passages show a holder's view (:mod:`copydesk.models.statements`); a polarity scorer reads each
of them; this module asks, adds up and gives the evidence. The scorer is all that differs between the models.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from copydesk.configs.errors import InputError
from copydesk.models.actors import REFERENCES, ActorBook, read_actors, text_spans
from copydesk.models.cue_polarity import cue
from copydesk.models.document import Document
from copydesk.models.mentions import lexicon_actor, media_names
from copydesk.models.passage import relevant_sentences
from copydesk.models.schema import POLARITIES, Polarity, Span, Stance, quote
from copydesk.models.statements import Account, Statement
from copydesk.models.suite import (
    AGAINST,
    FAVOUR,
    INDIFFERENT,
    Attributor,
    Floats,
    PolarityQuery,
    PolarityScorer,
    StanceTable,
)
from copydesk.models.voice import loaded_words

MAX_TARGETS = 5
"""Targets that ``targets=None`` takes at most; a table of more is not read."""
TARGET_SALIENCE = 0.25
"""Salience from which an actor is a main one; the two sides of a story and its mediator lie above it."""
MIN_TARGETS = 2
"""Targets that ``targets=None`` takes at least, where the article has as many actors."""
MAX_EVIDENCE = 3
"""Statements given as evidence of a stance."""
SHORT_SENTENCES = 3
"""Prose up to this length is a passage, not an article: it is read whole, and what it quotes counts as its tone."""
COMMENT_WORDS = 250
"""Texts up to this length are read whole toward a topic; reader comments are."""
MENTION_WORDS = 40
"""Texts from this length on are read whole toward a plain word that they hold ("drilling"); in shorter ones it is a mention."""
PASSAGE_WORDS = 90
"""Words of a longer text that are read toward a topic: what fits the small encoder's window beside the topic."""
VOICE_THRESHOLD = 0.6
"""Mean probability over the outlet's own sentences from which its voice takes a side. Above one half, since reports of a war are
full of hostile deeds that the outlet only tells."""
SIDED = 0.5
"""Probability from which a statement takes a side."""
SIDED_MEAN = 0.33
"""Mean probability of a side over all statements of a holder from which it has one: a single doubtful statement among several
that take no side is the scorer's slip rather than a view."""
_OWN_PERSON = re.compile(r"\b(?:I|[Ww]e|[Yy]ou|[Mm]y|[Oo]ur|[Yy]our|me|us)\b")
LOADED_SCORE = 0.8
"""Score of a stance that rests on loaded words."""


@dataclass(frozen=True, slots=True)
class _Target:
    """A target as found in the article.

    :param name: As asked for.
    :param actor: The actor of the book that it is, or the words asked for.
    :param spans: Where it is named in the prose.
    """

    name: str
    actor: str
    spans: tuple[Span, ...]


class StanceDesk:
    """A :class:`~copydesk.models.suite.StanceReader` over an attributor and a polarity scorer.

    :param attributor: Finds who said what.
    :param polarity: Reads how a passage stands toward a target.
    """

    def __init__(self, attributor: Attributor, polarity: PolarityScorer) -> None:
        self._attributor = attributor
        self._polarity = polarity

    def table(self, document: Document, targets: Sequence[str] | None = None) -> StanceTable:
        """The article's stance table.

        :param targets: Names of actors or topics; ``None`` takes the main actors and says so in the warnings.
        """
        account = self._account(document)
        warnings: list[str] = []
        if targets is None:
            chosen, note = _main_targets(account)
            warnings.append(note)
        else:
            chosen = [_by_name(account.book, name) for name in dict.fromkeys(targets)]
            missing = [one.name for one in chosen if not one.spans]
            warnings += [f"Target not mentioned: {', '.join(missing)}."] if missing else []
        rows: list[tuple[str, _Target, list[Statement]]] = []
        for holder in account.holders:
            for target in chosen:
                if target.spans and account.holder_name(target.actor) != holder:
                    statements = account.by(holder, target.actor, target.spans)
                    rows += [(holder, target, statements)] if statements else []
        scored = self._score(document, rows)
        stances = [
            _added_up(document, holder, target.name, statements, probabilities)
            for (holder, target, statements), probabilities in zip(rows, scored, strict=True)
        ]
        is_passage = len(document.sentences) <= SHORT_SENTENCES and not any(account.sources)
        voices = [
            self._passage(account.book, target, None) if is_passage and target.spans else self._voice(account, target)
            for target in chosen
        ]
        return StanceTable(account.book.actors, (*stances, *voices), tuple(warnings))

    def toward(self, document: Document, target: str | Span, holder: str | None = None) -> Stance:
        """One stance of ``holder`` (``None``: the article's own voice) toward a target.

        :param target: A name, an alias or a topic in words; or the span of a mention.
        :raises InputError: If the target is empty, or its span lies outside the text.
        """
        book = read_actors(document)
        if not isinstance(target, str):
            return self._toward(book, _by_span(book, target), holder, (target[0], target[1]))
        if not target.strip():
            raise InputError("the target is empty.", remedy="Give a name, a topic or a (start, end) span.")
        return self._toward(book, _by_name(book, target), holder)

    def _toward(self, book: ActorBook, target: _Target, holder: str | None, marked: Span | None = None) -> Stance:
        document = book.document
        if holder is None and marked is None and _is_topic(document, target):
            return self._topic(document, target)
        short = len(document.sentences) <= SHORT_SENTENCES
        if short and not target.spans:
            target = replace(target, spans=text_spans(document, target.name, everywhere=True))
        if not target.spans:
            return _silent(holder, target.name, "not mentioned")
        if holder is not None:
            return self._held(book, target, holder)
        if short:
            return self._passage(book, target, marked)
        account = Account(book, self._attributor.attribute(document))
        comment = marked is None and _is_comment(account)
        return self._topic(document, target) if comment else self._voice(account, target)

    def _held(self, book: ActorBook, target: _Target, holder: str) -> Stance:
        """The view of a holder of a target that the text names."""
        document, known = book.document, book.find(holder)
        if known is not None and known == target.actor:
            return _silent(holder, target.name, "holder and target are one actor")
        if known is not None and len(document.sentences) > 1:
            statements = Account(book, self._attributor.attribute(document)).by(known, target.actor, target.spans)
            if statements:
                (probabilities,) = self._score(document, [(known, target, statements)])
                return _added_up(document, holder, target.name, statements, probabilities)
            if len(document.sentences) > SHORT_SENTENCES:
                return _silent(holder, target.name, "no statement of the holder about the target")
        return self._passage_of(book, target, holder)

    def _account(self, document: Document) -> Account:
        return Account(read_actors(document), self._attributor.attribute(document))

    def _score(self, document: Document, rows: Sequence[tuple[str, _Target, list[Statement]]]) -> list[Floats]:
        """The polarities of the statements of each row, shape (n_statements, 3) each; all rows in one call."""
        queries: list[PolarityQuery] = []
        counts: list[list[int]] = []
        for holder, target, statements in rows:
            asked = [_queries(document, holder, target, statement) for statement in statements]
            counts.append([len(own) for own in asked])
            queries += [query for own in asked for query in own]
        scores = iter(self._polarity.polarity(queries)) if queries else iter(())
        return [
            np.array([np.mean([next(scores) for _ in range(count)], axis=0) for count in own], dtype=np.float32)
            for own in counts
        ]

    def _voice(self, account: Account, target: _Target) -> Stance:
        """The outlet's own voice toward a target."""
        if not target.spans:
            return _silent(None, target.name, "not mentioned")
        document = account.document
        referring = {*target.spans, *(one.span for one in account.book.of(target.actor) if one.via == "both sides")}
        loaded = list(loaded_words(account, sorted(referring)))
        statements = account.voiced(target.spans)
        told = dict.fromkeys(document.text[one.span[0] : one.span[1]] for one in loaded)
        reason = f"loaded words: {', '.join(told)}" if told else ""
        sided = [one for one in loaded if one.view != "neutral"]
        if sided:
            view = sided[0].view if len({one.view for one in sided}) == 1 else "neutral"
            evidence = dict.fromkeys(one.sentence for one in (loaded if view == "neutral" else sided))
            quotes = tuple(quote(document.text, span, LOADED_SCORE) for span in list(evidence)[:MAX_EVIDENCE])
            return Stance(None, target.name, view, LOADED_SCORE, quotes, len(statements), reason)
        if not statements:
            sentences = dict.fromkeys(one.sentence for one in loaded)
            quotes = tuple(quote(document.text, span, 1.0) for span in list(sentences)[:MAX_EVIDENCE])
            return Stance(None, target.name, "neutral", 1.0, quotes, 0, reason or "named only where others speak")
        queries = [_query(document, statement.passage, target, statement.targets) for statement in statements]
        scores = self._polarity.polarity(queries)
        # Beside one more that takes no side: a single sentence is not yet a voice.
        mean = scores.sum(axis=0) / (len(scores) + 1)
        side = max((FAVOUR, AGAINST), key=lambda column: float(mean[column]))
        column = side if mean[side] >= VOICE_THRESHOLD else INDIFFERENT
        score = float(mean[side]) if column != INDIFFERENT else 1.0 - float(mean[side])
        best = [(one.span, float(row[column])) for one, row in zip(statements, scores, strict=True)]
        best = [(one.sentence, 1.0) for one in loaded] + sorted(best, key=lambda pair: -pair[1])
        quotes = tuple(
            quote(document.text, span, one) for span, one in list(dict(reversed(best)).items())[::-1][:MAX_EVIDENCE]
        )
        return Stance(None, target.name, POLARITIES[column], score, quotes, len(statements), reason)

    def _passage(self, book: ActorBook, target: _Target, marked: Span | None) -> Stance:
        """A text too short to be an article, read whole."""
        document = book.document
        whole = _whole(document)
        spans = (
            (marked,) if marked else tuple(span for span in target.spans if whole[0] <= span[0] and span[1] <= whole[1])
        )
        scores = self._polarity.polarity([_query(document, whole, target, spans)])[0]
        return _read_whole(document, None, target, scores, whole)

    def _passage_of(self, book: ActorBook, target: _Target, holder: str) -> Stance:
        """The view of somebody named in the text: its sentences with holder and target, each read whole."""
        document = book.document
        known = _by_name(book, holder)
        if len(document.sentences) <= SHORT_SENTENCES:
            known = replace(known, spans=known.spans or text_spans(document, holder, everywhere=True))
            statements = [_whole_statement(document, target, known)] if known.spans else []
        else:
            statements = list(_shared_sentences(document, target, known))
        if not known.spans:
            return _silent(holder, target.name, "holder not mentioned")
        if not statements:
            return _silent(holder, target.name, "holder and target in no sentence together")
        (scores,) = self._score(document, [(holder, target, statements)])
        return _added_up(document, holder, target.name, statements, scores)

    def _topic(self, document: Document, target: _Target) -> Stance:
        """The author's view of a topic that need not be named: the relevant sentences, read as one passage."""
        sentences = document.sentences
        chosen = range(len(sentences))
        if _words(document) > COMMENT_WORDS:
            chosen = relevant_sentences([sentence.text for sentence in sentences], target.name, PASSAGE_WORDS)  # type: ignore[assignment]
        text = " ".join(sentences[index].text for index in chosen)
        scores = self._polarity.polarity([PolarityQuery(text=text, target=target.name)])[0]
        column = int(scores.argmax())
        near = relevant_sentences([sentence.text for sentence in sentences], target.name, PASSAGE_WORDS)[:MAX_EVIDENCE]
        evidence = tuple(quote(document.text, sentences[index].span, float(scores[column])) for index in near)
        reason = "" if target.spans else "topic, not named as such"
        return Stance(None, target.name, POLARITIES[column], float(scores[column]), evidence, len(near), reason)


def _main_targets(account: Account) -> tuple[list[_Target], str]:
    """The main actors and why they were taken. Who speaks for a side is not a target beside it."""
    book = account.book
    weight: defaultdict[str, float] = defaultdict(float)
    for actor in book.actors:
        if actor.name not in media_names():
            weight[account.holder_name(actor.name)] += actor.salience
    least = TARGET_SALIENCE * max(weight.values(), default=0.0)
    ranked = sorted(weight.items(), key=lambda pair: -pair[1])[:MAX_TARGETS]
    chosen = [name for rank, (name, own) in enumerate(ranked) if rank < MIN_TARGETS or own >= least]
    if not chosen:
        return [], "No targets: the article names no actor."
    counts = {name: sum(len(_named(book, one)) for one in account.members(name)) for name in chosen}
    named = ", ".join(f"{name} (named {count}×)" for name, count in counts.items())
    return [_by_name(book, name) for name in chosen], f"Targets taken as the most central actors: {named}."


def _by_name(book: ActorBook, name: str) -> _Target:
    known = book.find(name)
    if known is not None:
        return _Target(name, known, _named(book, known))
    return _Target(name, name, text_spans(book.document, name))


def _by_span(book: ActorBook, span: Span) -> _Target:
    """The actor, or the words, at a span; with its other mentions."""
    start, end = span
    document, text = book.document, book.document.text
    if not 0 <= start < end <= len(text):
        raise InputError(
            f"the target span ({start}, {end}) is not inside the text of {len(text)} characters.",
            remedy="Give (start, end) in code points, end exclusive.",
        )
    name = text[start:end].strip()
    at = [
        one
        for one in book.mentions
        if one.start < end and start < one.end and one.via not in ("both sides", "other side")
    ]
    if len({one.actor for one in at}) == 1:
        return _Target(name, at[0].actor, tuple(sorted({*_named(book, at[0].actor), span})))
    return _Target(name, name, tuple(sorted({*text_spans(document, name), span})))


def _named(book: ActorBook, actor: str) -> tuple[Span, ...]:
    return tuple(one.span for one in book.of(actor) if one.via not in REFERENCES)


def _is_topic(document: Document, target: _Target) -> bool:
    """Whether a target is a topic in plain words, not a name: no capital letter, no known actor, and no place in one sentence."""
    plain = target.name == target.name.lower() and lexicon_actor(target.name) is None and target.actor == target.name
    if not plain or not document.sentences:
        return False
    words = _words(document)
    if words < MENTION_WORDS:
        return not target.spans
    return words <= COMMENT_WORDS or not target.spans


def _is_comment(account: Account) -> bool:
    """Whether a text is somebody's own opinion from end to end: short, in the first or second person, and nobody is cited."""
    document = account.document
    if _words(document) > COMMENT_WORDS or any(account.sources):
        return False
    return any(_OWN_PERSON.search(sentence.text) for sentence in document.sentences)


def _words(document: Document) -> int:
    return sum(len(sentence.text.split()) for sentence in document.sentences)


def _queries(document: Document, holder: str, target: _Target, statement: Statement) -> list[PolarityQuery]:
    """What to ask about a statement: how its holder treats the target there, and for a report also how the report shows it.

    A verb that joins the two ("Chile took the side of Peru") leaves the second question out: it has answered.
    """
    asked = [_query(document, statement.passage, target, statement.targets, holder, statement.holders)]
    if statement.attributed and statement.holders and cue(asked[0]) is None:
        asked.append(_query(document, statement.passage, target, statement.targets, holder))
    return asked


def _query(
    document: Document,
    passage: Span,
    target: _Target,
    spans: Sequence[Span],
    holder: str | None = None,
    holders: Sequence[Span] = (),
) -> PolarityQuery:
    start, end = passage
    return PolarityQuery(
        text=document.text[start:end],
        target=target.name,
        target_spans=_shifted(spans, passage),
        holder=holder,
        holder_spans=_shifted(holders, passage),
    )


def _shifted(spans: Sequence[Span], passage: Span) -> tuple[Span, ...]:
    return tuple(
        (start - passage[0], end - passage[0]) for start, end in spans if passage[0] <= start and end <= passage[1]
    )


def _added_up(document: Document, holder: str, target: str, statements: Sequence[Statement], scores: Floats) -> Stance:
    """One stance out of a holder's statements.

    A holder who takes a side takes it in some sentences and reports in the others, so neutral statements don't outvote a sided
    one; statements of opposite sides do weigh against each other.
    """
    sides = scores[:, [FAVOUR, AGAINST]]
    takes_side = (sides.max(axis=1) >= SIDED) & (sides.mean(axis=0).max() >= SIDED_MEAN)
    columns = np.where(takes_side, sides.argmax(axis=1), INDIFFERENT)  # columns 0 and 1 are FAVOUR and AGAINST
    weight = {side: float(scores[columns == side, side].sum()) for side in (FAVOUR, AGAINST)}
    if takes_side.any():
        column = FAVOUR if weight[FAVOUR] > weight[AGAINST] else AGAINST
        score = float(scores[columns == column, column].max()) * weight[column] / sum(weight.values())
    else:
        column, score = INDIFFERENT, float(scores[:, INDIFFERENT].mean())
    order = sorted(np.flatnonzero(columns == column).tolist(), key=lambda n: -float(scores[n, column]))
    best: dict[Span, float] = {}
    for number in order:
        best.setdefault(statements[number].span, float(scores[number, column]))
    evidence = tuple(quote(document.text, span, one) for span, one in list(best.items())[:MAX_EVIDENCE])
    return Stance(holder, target, POLARITIES[column], score, evidence, len({one.span for one in statements}))


def _read_whole(document: Document, holder: str | None, target: _Target, scores: Floats, whole: Span) -> Stance:
    column = int(scores.argmax())
    inside = [
        one.span
        for one in document.sentences
        if any(one.start <= span[0] and span[1] <= one.end for span in target.spans)
    ] or [whole]
    evidence = tuple(quote(document.text, span, float(scores[column])) for span in inside[:MAX_EVIDENCE])
    return Stance(holder, target.name, POLARITIES[column], float(scores[column]), evidence, len(inside))


def _whole(document: Document) -> Span:
    """A short text from its first to its last word, captions and all: scorers learnt on raw sentences."""
    text = document.text
    if document.sentences and len(text.split()) > COMMENT_WORDS:
        return document.sentences[0].start, document.sentences[-1].end
    return len(text) - len(text.lstrip()), len(text.rstrip())


def _whole_statement(document: Document, target: _Target, holder: _Target) -> Statement:
    """A short text as one statement; the evidence is its first sentence with the target, or all of it."""
    whole = _whole(document)
    named = (
        one.span
        for one in document.sentences
        if any(one.start <= start and end <= one.end for start, end in target.spans)
    )
    return Statement(next(named, whole), whole, target.spans, holder.spans)


def _shared_sentences(document: Document, target: _Target, holder: _Target) -> Iterator[Statement]:
    """The sentences that name holder and target both."""
    for sentence in document.sentences:
        targets, holders = (
            tuple(one for one in spans if sentence.start <= one[0] and one[1] <= sentence.end)
            for spans in (target.spans, holder.spans)
        )
        if targets and holders:
            yield Statement(sentence.span, sentence.span, targets, holders)


def _silent(holder: str | None, target: str, reason: str) -> Stance:
    polarity: Polarity = "neutral"
    return Stance(holder, target, polarity, 1.0, (), 0, reason)
