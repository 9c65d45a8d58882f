"""Polarity between two actors by the verbs that join them: "X accused Y", "Y was praised by X", "fire from Y".

A rule that fires is right more often than a small classifier (see ``benchmarks/stance.py --model cues``); where none fires it
says so by a flat answer. It needs no weights, so it also reads stance where no model is loaded.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

import numpy as np

from copydesk.configs.polarity import polarity_lexicon
from copydesk.models.mentions import Token, tokens
from copydesk.models.schema import POLARITIES, Span
from copydesk.models.suite import AGAINST, FAVOUR, INDIFFERENT, Floats, PolarityQuery, PolarityScorer

FIRED = 0.85
"""Probability of the polarity that a rule names. A rule between two actors is right for 0.77 of the rows of ``directed_train``
that it fires on; set a little higher, so that one that fires in one of the two readings of a statement takes a side."""
SILENT = (0.2, 0.2, 0.6)
"""The answer where no rule fires."""
REACH = 12
"""Tokens between a holder and its verb."""
OBJECT_REACH = 4
"""Tokens between a verb and its object: room for "the", an office and a first name. Precision on ``directed_train``: 0.76 at 4,
0.59 without a limit."""
PLEA_REACH = 20
"""Tokens after "called for" or "urged" in which the peace that is asked for and those who are asked stand."""
CUE_ODDS = 8.0
"""How many times likelier a rule that fires makes its polarity beside a trained scorer. Macro-F1 on ``directed_dev``: 0.448
without rules, 0.493 with them for the reader's heads, 0.469 and 0.516 for their mean with the baseline; accuracy within 0.005."""
STATED_ODDS = 100.0
"""The same for verbs that state a side outright; the ones that are frequent in ``directed_train`` are right for 0.81 to 1.0 of
their rows there."""
NEGATION_REACH = 3
"""Tokens before a verb in which a negation turns it off."""

RELATIVE_REACH = 4
"""Tokens after the subject of a relative clause in which its verb stands."""
_OTHER_OBJECTS = frozenset((
    "of", "for", "on", "over", "about", "in", "near", "at", "but", "that", "while", "whose", "after", "when", "because", "as",
))  # fmt: skip
"""Between a verb and a name, these make the name part of another object: "condemned the shelling of Peru"."""
_RELATIVES = frozenset({"which", "who", "whom", "that"})
_WITHIN = (["in"], ["of"], ["at"], ["from"], ["among"])
_LIGHT = frozenset(
    ("has", "have", "had", "is", "was", "also", "again", "then", "not", "now", "never", "will", "would", "later")
)

_COLUMN = {"favour": FAVOUR, "against": AGAINST, "appeal": INDIFFERENT}


class CuePolarity:
    """A :class:`~copydesk.models.suite.PolarityScorer` by lexicon and word order."""

    def polarity(self, queries: Sequence[PolarityQuery]) -> Floats:
        """Probabilities of favour, against and neutral, shape (len(queries), 3), in input order."""
        return np.array([_answer(cue(query)) for query in queries], dtype=np.float32).reshape(
            len(queries), len(POLARITIES)
        )


class CuedPolarity:
    """Another scorer, helped by the rules where one fires.

    :param scorer: Answers every query.
    :param odds: Factor on the odds of the polarity that a rule names.
    """

    def __init__(self, scorer: PolarityScorer, odds: float = CUE_ODDS) -> None:
        self._scorer = scorer
        self._odds = odds

    def polarity(self, queries: Sequence[PolarityQuery]) -> Floats:
        """Probabilities of favour, against and neutral, shape (len(queries), 3), in input order."""
        scores = np.array(self._scorer.polarity(queries), dtype=np.float32)
        for row, query in enumerate(queries):
            column = cue(query)
            if column is not None:
                scores[row, column] *= STATED_ODDS if column != INDIFFERENT and _states(query) else self._odds
        return np.asarray(scores / np.maximum(scores.sum(axis=1, keepdims=True), 1e-9), dtype=np.float32)


def cue(query: PolarityQuery) -> int | None:
    """The column of the polarity that a verb or noun between holder and target names; ``None`` where no rule fires."""
    words = tokens(query.text)
    targets = [_place(words, span) for span in query.target_spans]
    holders = [_place(words, span) for span in query.holder_spans]
    if any(_pleads(words, holder, target) for holder in holders for target in targets):
        return INDIFFERENT
    for target in targets:
        for holder in holders:
            found = _between(words, holder, target)
            if found is not None:
                return found
    # Only of what the holder says is a deed of the target a view: "Peru attacked Ecuador" as Ecuador's statement.
    for target in targets if query.holder is not None and not query.holder_spans else ():
        found = _deed_of(words, target)
        if found is not None:
            return found
    return None


def _states(query: PolarityQuery) -> bool:
    """Whether the words between holder and target state a side outright ("took the side of", "accused")."""
    text = query.text.lower()
    between = [
        text[one[1] : other[0]] for one in query.holder_spans for other in query.target_spans if one[1] <= other[0]
    ]
    return any(f" {form} " in part for part in between for form in polarity_lexicon().stated_forms)


def _pleads(words: Sequence[Token], holder: Span, target: Span) -> bool:
    """Whether a holder calls for peace near the target: "X called for a ceasefire between Y", "X urged Y and Z to step back"."""
    lexicon = polarity_lexicon()
    for at in range(holder[1], min(holder[1] + REACH, len(words))):
        if words[at].lower in lexicon.pleas:
            reach = words[at + 1 : at + PLEA_REACH]
            near = at < target[0] <= at + PLEA_REACH
            return near and any(word.lower in lexicon.peace for word in reach)
    return False


def _between(words: Sequence[Token], holder: Span, target: Span) -> int | None:
    """Holder verb target; target was verb-ed by holder; target, which holder verbs."""
    if holder[1] <= target[0]:
        found = _governing(words, holder[1], target[0])
        if found is None:
            return None
        start, _, view = found
        if _is_nobody(words, holder[0]):
            return AGAINST if view == "favour" else INDIFFERENT
        if _negated(words, start):
            return INDIFFERENT if view == "against" else None
        return _COLUMN[view] if not _passive(words, start) else None
    return _behind(words, holder, target) if target[1] <= holder[0] else None


def _behind(words: Sequence[Token], holder: Span, target: Span) -> int | None:
    """The holder after its target: "target was verb-ed by holder", "target, which holder verbs"."""
    relative = _relative(words, target[1], holder[0])
    start, end = (holder[1], min(len(words), holder[1] + RELATIVE_REACH)) if relative else (target[1], holder[0])
    found = _verb(words, start, end)
    if found is None or _negated(words, found[0]):
        return None
    passive = _passive(words, found[0])
    by = any(word.lower == "by" for word in words[found[1] : end])
    return _COLUMN[found[2]] if (not passive if relative else passive and by) else None


def _governing(words: Sequence[Token], holder: int, target: int) -> tuple[int, int, str] | None:
    """The verb with the holder for its subject and the target for its object, between the holder's end and the target's start.

    It is the last one before the target. It is the holder's own if it is the first verb after it, outside a relative clause with
    a subject of its own ("Peru, which Chile accuses of …"), or joined to an earlier one ("stood by Chile and threatened Peru").
    """
    pronoun = holder + 1 if words[holder].text == "," else holder
    relative = words[pronoun].lower in _RELATIVES
    closed = next((n for n in range(pronoun + 1, target) if words[n].text == ","), None) if relative else None
    found: list[tuple[int, int, str]] = []
    at = closed + 1 if closed is not None else holder
    while (verb := _verb(words, at, target)) is not None:
        found.append(verb)
        at = verb[1]
    if not found or target - found[-1][1] > OBJECT_REACH:
        return None
    last = found[-1]
    if any(word.lower in _OTHER_OBJECTS for word in words[last[1] : target]):
        return None
    if relative and closed is None and not all(_is_light(word) for word in words[pronoun + 1 : found[0][0]]):
        return None
    if len(found) == 1:
        return last
    before = last[0] - 1
    while before > holder and _is_light(words[before]):
        before -= 1
    return last if words[before].lower in {"and", "but", "or", ","} else None


def _relative(words: Sequence[Token], start: int, end: int) -> bool:
    """Whether nothing but a relative pronoun stands between two actors: "Peru, which Chile …"."""
    between = [word.lower for word in words[start:end] if word.text != "," and word.lower != "the"]
    return len(between) == 1 and between[0] in _RELATIVES


def _is_light(word: Token) -> bool:
    """Adverbs and auxiliaries, which may stand between a subject and its verb."""
    return word.lower in _LIGHT or (word.lower.endswith("ly") and len(word.text) > 3)


def _deed_of(words: Sequence[Token], target: Span) -> int | None:
    """What a holder reports of the target: a hostile deed, "fire from Y", "Y attacked"."""
    lexicon = polarity_lexicon()
    before = [word.lower for word in words[max(0, target[0] - 4) : target[0]]]
    after = [word.lower for word in words[target[1] : target[1] + 3]]
    if before[-1:] in (["from"], ["by"]) or before[-2:] in (["from", "the"], ["by", "the"]):
        nouns = [word.lower for word in words[max(0, target[0] - 8) : target[0]]]
        if lexicon.hostile_nouns & set(nouns):
            return AGAINST
    if after[:1] and after[0] in {"'s", "’s"}:
        after = after[1:]
    if lexicon.hostile_nouns & set(after[:2]):
        return AGAINST
    found = _verb(words, target[1], min(len(words), target[1] + 5))
    if found is None or words[target[1]].lower in {"and", "but", ","}:
        return None
    start, end, view = found
    wished = any(word.lower in {"to", "stop", "should", "must"} for word in words[target[1] : start])
    active = not wished and not _passive(words, start) and "by" not in {word.lower for word in words[end : end + 2]}
    return AGAINST if view == "against" and active and not _negated(words, start) else None


def _verb(words: Sequence[Token], start: int, end: int) -> tuple[int, int, str] | None:
    """The first lexicon verb between two tokens: its tokens and its view."""
    verbs = polarity_lexicon().verbs
    for at in range(start, min(end, start + REACH)):
        if words[at].text in {";", ".", "?", "!"}:
            return None
        for width in (5, 4, 3, 2, 1):
            view = verbs.get(tuple(word.lower for word in words[at : at + width]))
            if view is not None and at + width <= end and (width > 1 or _is_finite(words, at)):
                return (at, at + width, view)
    return None


def _is_finite(words: Sequence[Token], verb: int) -> bool:
    """Whether a form is used as a verb: inflected, or after "to" or an auxiliary. "Support" and "attack" are nouns mostly."""
    lexicon = polarity_lexicon()
    form = words[verb].lower
    before = words[verb - 1].lower if verb else ""
    past = form.endswith("ed") or form in lexicon.irregular_pasts
    if before in lexicon.noun_signs and not (past and before == "and"):
        return False
    inflected = past or form.endswith("ing")
    return inflected or before in lexicon.verb_signs or (form.endswith("s") and not before.endswith("s"))


def _passive(words: Sequence[Token], verb: int) -> bool:
    before = {word.lower for word in words[max(0, verb - 3) : verb]}
    return bool(before & {"was", "were", "been", "being", "be", "is", "are", "get", "got"})


def _negated(words: Sequence[Token], verb: int) -> bool:
    return bool(polarity_lexicon().negations & {word.lower for word in words[max(0, verb - NEGATION_REACH) : verb]})


def _is_nobody(words: Sequence[Token], holder: int) -> bool:
    """Whether nobody of the holder is the subject: "No one in Chile | supports Peru"."""
    before = [word.lower for word in words[max(0, holder - NEGATION_REACH - 1) : holder] if word.lower != "the"]
    return before[-1:] in _WITHIN and (not {"nobody", "none"}.isdisjoint(before) or before[-3:-1] == ["no", "one"])


def _place(words: Sequence[Token], span: Span) -> Span:
    """A span of characters as a span of tokens."""
    first = bisect_right(words, span[0], key=lambda word: word.end)
    last = bisect_left(words, span[1], lo=first, key=lambda word: word.start)
    return (first, last) if first < last else (0, 0)


def _answer(column: int | None) -> tuple[float, ...]:
    if column is None:
        return SILENT
    rest = (1 - FIRED) / 2
    return tuple(FIRED if one == column else rest for one in range(len(POLARITIES)))
