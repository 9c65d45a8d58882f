"""Where a statement may stop: after which word, by its class, a headline may end.

Shared by the rules that propose deletions (:mod:`copydesk.models.deletions`) and the check that no headline stops in mid-phrase.
"""

from collections.abc import Callable, Mapping

from copydesk.models.lexicon import lexicon
from copydesk.models.phrases import Parse
from copydesk.models.prepositions import is_intensified
from copydesk.models.sentence_words import NOMINAL, PARTICLES, VERBAL

_CLOSING = frozenset({")", "”", "''", '"', "’", "]", "%"})
_COMPLEMENT_CLASSES = frozenset({"TO", "TH", "IN", "SB"})
_LEANING = frozenset({"right", "just", "even", "only", "shortly", "soon", "long", "well"})
"""Adverbs that go with the preposition after them."""
_WANTING = frozenset({"worth", "regardless", "thanks", "due"})
"""Never the last word: "is well worth | reading", "doubled thanks | to high prices"."""
_DIRECTIONS = frozenset({"into", "onto", "out", "off", "as", "back", "away", "apart", "together"})
"""They go with a verb whose object is a pronoun."""
_ASKING = frozenset({"who", "what", "why", "when", "where", "which", "how", "whose"})
_AIMS = frozenset({"part", "bid", "effort", "attempt", "move", "order", "hopes"})
"""After "in", they open a phrase that says why."""
_EARLIER = frozenset({"first", "previously", "initially", "originally", "earlier"})
_CIRCUMSTANCES = frozenset(
    {
        "after",
        "before",
        "while",
        "because",
        "when",
        "since",
        "although",
        "though",
        "amid",
        "despite",
        "during",
        "following",
    }
)
"""They say when or why, and complete no adjective."""


def legal_end(read: Parse, last: int, cut: int) -> bool:
    """Whether a headline may stop after the token ``last`` when what is deleted begins at ``cut``."""
    if any(report.content[0] == 0 and report.core[1] == last + 1 for report in read.reports):
        described = read.lower[last] == "person"  # "according to a person | familiar with …"
        return read.tags[last] in NOMINAL | VERBAL and not described
    if read.lower[last] in _LEANING and not _is_whole(read, cut) and read.tags[cut] in {"IN", "SB"}:
        return False  # "activity right | across the economy"
    if read.lower[last] in _WANTING or (
        read.lower[last] in _AIMS and _follows_in(read, last) and not _is_whole(read, cut)
    ):
        return False
    at = last
    while at > 0 and read.tags[at] == "RB" and read.lower[at] not in lexicon("meaning", "hedge"):
        at -= 1
    if read.lower[at].endswith("est") and at and read.tags[at - 1] in {"DT", "PS"}:
        return False  # "rallied to its strongest | since"
    dated = read.calendar_end(at) > at and read.tags[at] not in {"IN", "SB", "DT"}
    rule = _noun if dated else _ENDINGS.get(read.tags[at], _function_word)
    return rule(read, at, cut)


def asks(read: Parse) -> bool:
    """Whether the sentence is a question as a whole, which its mark ends: "Will the port close?"."""
    opens = read.tags[0] in {"BE", "DO", "MD", "HV", "RL"} or read.lower[0].split("'")[0] in _ASKING
    return opens and read.words[read.body_end - 1] == "?"


def _is_whole(read: Parse, cut: int) -> bool:
    """Whether nothing but punctuation is left out at the end."""
    return cut >= read.body_end - (read.words[read.body_end - 1] == "?")


def _follows_in(read: Parse, noun: int) -> bool:
    """ "was propelled in large part | by survivors", "joined in a bid | to cut costs"."""
    return "in" in read.lower[max(0, noun - 3) : noun]


def _noun(read: Parse, at: int, cut: int) -> bool:  # noqa: ARG001 - one signature for all rules
    return not _noun_wants_more(read, at) and not (read.lower[at] in _EARLIER and read.lower[at - 1] == "than")


def _closing_mark(read: Parse, at: int, cut: int) -> bool:  # noqa: ARG001 - one signature for all rules
    return at > 0 and read.words[at] in _CLOSING


def _pronoun(read: Parse, at: int, cut: int) -> bool:
    """ "supports it | on Monday", not "hurled themselves | into the race" or "cut her | off"."""
    moved = not _is_whole(read, cut) and (read.lower[cut] in _DIRECTIONS or read.lower[cut] in PARTICLES)
    return at > 0 and read.tags[at - 1] in VERBAL | {"IN"} and not moved


def _particle(read: Parse, at: int, cut: int) -> bool:
    """ "shut down | on Monday", "signs of opening up | even after …"."""
    whole = _is_whole(read, cut) or read.tags[cut] in {"IN", "SB", "PU", "CC"} or is_intensified(read, cut)
    whole = whole or read.calendar_end(cut) > cut  # "were sent over | late on Monday"
    verbal = read.tags[at - 1] in VERBAL or read.lower[at - 1].endswith("ing")
    return read.lower[at] in PARTICLES and verbal and whole


def _verb(read: Parse, at: int, cut: int) -> bool:
    if read.tags[at] == "VD" and _is_compared(read, at):
        return True
    if read.tags[at] == "VZ" and not read.finite[at] and read.lower[at].endswith("s"):
        return _noun(read, at, cut)  # "will seek further plant cuts"
    if read.tags[at] == "VD" and not read.finite[at] and read.tags[at - 1] in NOMINAL:
        return False  # "overturned an award won | by the widow"
    return _is_whole(read, cut) or read.lower[at] in lexicon("verbs", "intransitive")


def _participle(read: Parse, at: int, cut: int) -> bool:
    if _is_compared(read, at):
        return True
    if read.tags[at - 1] == "HV" or read.finite[at]:
        return _is_whole(read, cut) or read.lower[at] in lexicon("verbs", "intransitive")
    moved = not _is_whole(read, cut) and read.lower[cut] in {"into", "onto", "to"}  # "has been thrown | into doubt"
    return _is_passive(read, at) and not moved and (_is_whole(read, cut) or not _is_negated(read, at))


def _adjective(read: Parse, at: int, cut: int) -> bool:
    if read.lower[at] in {"lower", "higher"} and read.tags[at - 1] in VERBAL:
        return True  # "stocks edged lower | as …"
    completed = _is_whole(read, cut) or read.tags[cut] not in _COMPLEMENT_CLASSES
    return _is_predicative(read, at) and (completed or _is_circumstance(read, cut))


def _function_word(read: Parse, at: int, cut: int) -> bool:
    return _is_whole(read, cut) and read.tags[at] in {"RB", "DT"}


_ENDINGS: Mapping[str, Callable[[Parse, int, int], bool]] = {
    **dict.fromkeys(NOMINAL, _noun),
    **dict.fromkeys(("VD", "VZ", "VB", "VG"), _verb),
    "VN": _participle,
    "JJ": _adjective,
    "PU": _closing_mark,
    "PR": _pronoun,
    "PO": _pronoun,
    "IN": _particle,
}


def _is_compared(read: Parse, at: int) -> bool:
    """ "grew faster than expected", "… than first reported"."""
    return read.lower[at - 1 - (read.lower[at - 1] in _EARLIER)] == "than"


def _noun_wants_more(read: Parse, index: int) -> bool:
    """A number that a noun follows, or "a number", "a series" and the like without what they count."""
    if read.lower[index] in lexicon("verbs", "counting"):
        return True
    number = index
    while number > 0 and read.tags[number - 1] == "CD":
        number -= 1
    goes_on = read.tags[index + 1 : index + 2] not in {("IN",), ("SB",), ("TO",), ("RL",), ("TH",), ("RB",), ("CC",)}
    if number < index and read.tags[index] == "NN" and read.lower[number - 1] in {"a", "an"} and goes_on:
        return True  # "a 1.6 billion euro | ($2.1 billion) project"
    if read.calendar_end(index + 1) > index + 1:
        return False  # "$64.2 million | last week"
    return read.tags[index] == "CD" and read.tags[index + 1 : index + 2] in {
        ("NN",),
        ("NS",),
        ("CD",),
        ("JJ",),
        ("NP",),
    }


def _is_circumstance(read: Parse, index: int) -> bool:
    return read.lower[index] in _CIRCUMSTANCES or read.calendar_end(index) > index


def _is_passive(read: Parse, index: int) -> bool:
    for at in range(index - 1, max(-1, index - 5), -1):
        if read.tags[at] == "BE" or read.lower[at] == "been":
            return True
        if read.tags[at] not in {"RB", "NG", "VN", "CC"}:
            return False
    return False


def _is_negated(read: Parse, index: int) -> bool:
    """ "was not driven by greed" is not "was not driven": what follows is what is denied."""
    return any(
        read.tags[at] == "NG" or read.lower[at].endswith("n't") or read.lower[at] in lexicon("meaning", "negation")
        for at in range(max(0, index - 4), index)
    )


def _is_predicative(read: Parse, index: int) -> bool:
    """ "is isolated", "appears isolated and weak"."""
    before = index - 1
    if read.lower[before] == "and" and read.tags[before - 1] in {"JJ", "VN"}:
        return before > 1 and _is_predicative(read, before - 1)
    while before > 0 and read.tags[before] in {"RB", "NG"}:
        before -= 1
    return before >= 0 and read.tags[before] in {"BE", "VN", "VZ", "VD", "VB"}
