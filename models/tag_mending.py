"""Corrections of the tagger's word classes where a wider look at the sentence shows that another class must stand there."""

from collections.abc import Sequence

from copydesk.models.collocations import collocations
from copydesk.models.lexicon import lexicon
from copydesk.models.sentence_words import CLAUSE_BOUND, NOMINAL, PARTICLES

_STAY_ADJECTIVES = frozenset({"same", "other", "such", "own", "first", "last", "new", "good", "bad", "big"})
_PLACES = frozenset({"school", "hospital", "prison", "court", "jail", "church", "college", "university", "bed", "war"})
_VERBS_LIKE_NOUNS = frozenset({"ship", "worship", "witness", "harness", "pity"})
_FINITE_CLASSES = frozenset({"VD", "VZ", "MD", "BE", "HV", "DO", "VB"})
_AFTER_NOUN = frozenset({"IN", "PU", "SB", "MD", "VZ", "BE", "HV", "TH"})


def mended(lower: Sequence[str], tags: Sequence[str]) -> tuple[str, ...]:
    """The word classes, corrected.

    :param lower: The tokens in lower case.
    :param tags: One of :data:`copydesk.models.tagger.TAGS` each.
    """
    found = list(tags)
    for index in range(len(tags)):
        if _is_police(lower, tags, index):
            found[index] = "NS"
    for index in range(1, len(tags)):
        found[index] = _verb_or_adverb(lower, tags, found, index) or found[index]
    for index in range(1, len(tags)):
        if _is_noun(lower, tags, found, index):
            found[index] = "NN"
    return tuple(found)


def _verb_or_adverb(lower: Sequence[str], tags: Sequence[str], earlier: Sequence[str], index: int) -> str | None:
    """The class that a word must have, if it is not the tagger's; ``earlier`` holds the corrected ones before it."""
    low, tag, before = lower[index], tags[index], tags[index - 1]
    follows, after = _class(tags, index + 1), _class(tags, index + 2)
    rules = (
        ("VD", low in lexicon("verbs", "rare_past") and tag not in {"VD", "VN"} and before in NOMINAL | {"PR", "RB"}),
        # "is slowly picking up"
        ("RB", low.endswith("ly") and before == "BE" and follows in {"VG", "VN"} and low != "family"),
        ("VD", low == "forecast" and follows == "TH" and before not in {"JJ", "DT", "PS"}),
        # "a disappointing forecast that …"
        ("NN", tag == "VD" and not low.endswith("ed") and before == "JJ" and tags[index - 2] in {"DT", "PS"}),
        # "might oblige Norvik"
        ("VB", before == "MD" and tag in {"JJ", "NN"} and follows in {"NP", "DT", "PS"}),
        # "the U.S.-backed maker"
        ("JJ", tag in {"VD", "VN"} and lower[index - 1] == "-" and tags[index - 2] == "NP" and follows in {"NN", "NS", "JJ"}),
        # "is not ruling out"
        ("VG", tag == "NN" and low.endswith("ing") and before in {"BE", "NG"}
         and not PARTICLES.isdisjoint(lower[index + 1 : index + 2])),
        # "profit more than tripled"
        ("VD", low.endswith("ed") and tuple(lower[max(0, index - 2) : index]) == ("more", "than")),
        # "its initial public offering due to …"
        ("NN", tag == "VG" and _is_gerund_noun(lower, tags, index)),
        # "was named chief late in May"
        ("RB", low in {"late", "early"} and tag == "NN" and follows == "IN"),
        # "(CNN) When Moss arrives, …": after a bracket a capital is no name
        ("SB", low in {"when", "while", "although", "because", "if", "since"} and tag == "NP"),
        # "will set aside her family's plans"
        ("RB", low == "aside" and tag == "NN" and follows in {"DT", "PS", "NP", "NN", "NS", "JJ"}),
        # "after being repeatedly insulted"
        ("VN", tag == "VD" and before == "RB" and tags[index - 2] == "BE"),
        # "has finally approved a deal"
        ("VN", tag == "VD" and (before == "HV" or (index > 1 and before in {"RB", "NG"} and tags[index - 2] == "HV"))),
        # "The Northern Post first reported the talks"
        ("RB", low == "first" and before == "NP" and follows == "VD"),
        # "making it harder"
        ("JJ", tag == "VB" and low.endswith("er") and before in {"PR", "PO"} and tags[index - 2] == "VG"),
        # "Two banks plan to repay", "House Democrats plan to quickly repeal"
        ("VB", tag in {"NN", "JJ"} and _is_plural(lower, tags, index - 1) and follows == "TO"
         and "VB" in {after, _class(tags, index + 3) if after == "RB" else ""}
         and low in lexicon("verbs", "control") and _FINITE_CLASSES.isdisjoint(earlier[:index])),
        # "the minister is confident of a deal"
        ("JJ", tag == "NN" and before == "BE" and low in lexicon("verbs", "be_dropped") and follows in {"IN", "TO"}),
        # "two people familiar with the matter"
        ("JJ", low == "familiar" and tag in {"NN", "NS", "VB"} and follows == "IN"),
        ("NN", tag == "JJ" and low in {"source", "person"} and tuple(lower[index + 1 : index + 2]) == ("familiar",)),
        # "her runoff election last night"
        ("NN", tag in {"JJ", "VB"} and before in {"JJ", "NN", "NP", "PS", "DT"} and _opens_date(lower, index + 1)),
        # "Moss rebuffs rumours that …"
        ("VZ", tag == "NS" and low in lexicon("meaning", "negative_stem") and before == "NP"
         and follows in {"NP", "NS", "DT", "PS"} and _FINITE_CLASSES.isdisjoint(earlier[:index])),
        # "sources close to the deal said"
        ("JJ", low == "close" and lower[index - 1] in {"sources", "source", "people", "person"} and follows == "TO"),
        # "Norvik Systems forecast revenue above …"
        ("VD", low == "forecast" and tag in {"NN", "JJ"} and before == "NP" and follows in {"NN", "NS", "DT", "PS", "CD"}
         and _FINITE_CLASSES.isdisjoint(earlier[:index])),
        # "is negotiating with euro zone partners over aid"
        ("NS", tag == "VZ" and low.endswith("s") and _is_governed(lower, tags, index)
         and (before in {"NN", "JJ"} or lower[index - 1] == "further")
         and (follows in {"IN", "PU", "CC", "SB"} or _opens_date(lower, index + 1))),
        # "her walk to school"
        ("NN", tag == "VB" and before == "TO" and low in _PLACES and follows not in {"DT", "PS", "NP", "NS"}),
        # "was ousted from his job Wednesday"
        ("NN", tag == "JJ" and before in {"DT", "PS", "JJ", "NN", "IN"} and follows == "NP"
         and not lexicon("calendar", "day").isdisjoint(lower[index + 1 : index + 2])),
        # "stocks edged lower"
        ("JJ", tag == "VB" and low in {"lower", "higher"} and before in {"VD", "VZ", "VN", "VG"}),
        # "a path to citizenship"
        ("NN", tag == "VB" and low.endswith(("ship", "ness", "ity", "ism")) and low not in _VERBS_LIKE_NOUNS),
        # "have both caught", "will each pay"
        ("RB", low in {"both", "each", "all"} and before in {"HV", "BE", "MD"} and follows in {"VN", "VB", "VG", "VD"}),
        # "a low-budget film": a hyphenated word is no base form
        ("JJ", tag == "VB" and "-" in low and low[0].isalpha()),
        # "Green groups line up": a plural, then a "noun" with a particle, and no verb before
        ("VB", tag == "NN" and before == "NS" and not {"up", "out"}.isdisjoint(lower[index + 1 : index + 2])
         and _FINITE_CLASSES.isdisjoint(earlier[:index])),
        # "said on Monday reports that it will …": two finite verbs don't meet
        ("NS", tag == "VZ" and low.endswith("s") and before == "VD" and lower[index - 1] in lexicon("verbs", "clausal")),
        # "the union continued talks"
        ("VD", tag == "JJ" and low.endswith("ed") and "-" not in low and before in {"NN", "NS", "NP"}
         and follows in {"NS", "DT", "PS", "NP", "CD"}),
    )  # fmt: skip
    return next((right for right, applies in rules if applies), None)


def _is_police(lower: Sequence[str], tags: Sequence[str], index: int) -> bool:
    """ "Police arrested five people": a plural without an "s", which the tagger takes for an adjective or a name."""
    before, follows = tags[index - 1] if index else "PU", _class(tags, index + 1)
    named = tags[index] == "NP" and before == "NP"  # "Harbour Police said"
    return (
        lower[index] == "police" and tags[index] in {"JJ", "NP"} and not named and follows not in NOMINAL | {"JJ", "PZ"}
    )


def _opens_date(lower: Sequence[str], index: int) -> bool:
    """ "This month", "last week"."""
    first, unit = lower[index : index + 1], lower[index + 1 : index + 2]
    return not {"this", "last", "next"}.isdisjoint(first) and not lexicon("calendar", "unit").isdisjoint(unit)


def _is_governed(lower: Sequence[str], tags: Sequence[str], index: int) -> bool:
    """Whether the clause has a finite verb already, that takes no statement."""
    telling = lexicon("attribution", "verb") | lexicon("verbs", "clausal") | lexicon("verbs", "convincing")
    infinitive = False  # "promised on Friday to buy euro zone bonds"
    for at in range(index - 1, 0, -1):
        if tags[at] in CLAUSE_BOUND or (lower[at] in telling and not infinitive):
            return False
        infinitive = infinitive or (tags[at] == "VB" and tags[at - 1] == "TO")
        past = tags[at] in {"VD", "VZ"} and (infinitive or tags[at + 1] != "IN")
        if past or tags[at] in {"MD", "BE", "HV", "DO"}:
            return True
    return False


def _is_plural(lower: Sequence[str], tags: Sequence[str], index: int) -> bool:
    """A plural noun, or a name that looks like one: "Democrats"."""
    named = tags[index] == "NP" and lower[index].endswith("s") and not lower[index].endswith("ss")
    return named or tags[index] == "NS"


def _is_gerund_noun(lower: Sequence[str], tags: Sequence[str], index: int) -> bool:
    """An -ing form that ends a noun phrase: no object follows, and what can only stand before a noun is before it."""
    opened = tags[index - 1] in {"DT", "PS", "PZ", "JJ"} or (lower[index - 1], lower[index]) in collocations()
    return opened and (_class(tags, index + 1) in _AFTER_NOUN or lower[index + 1] == "due")


def _is_noun(lower: Sequence[str], tags: Sequence[str], found: Sequence[str], index: int) -> bool:
    """An "adjective" that no noun follows where one must: "against the euro and this appreciation", "oil."."""
    before, follows, after = found[index - 1], _class(tags, index + 1), _class(tags, index + 2)
    if tags[index] != "JJ" or before not in {"DT", "PS", "PZ", "JJ", "NN"} or lower[index] in _STAY_ADJECTIVES:
        return False
    closed = (
        follows in {"PU", "VZ", "MD", "BE", "HV", "SB", "RL"}
        or (follows == "CC" and after in {"DT", "PS", "PR", "MD"})
        or (tuple(lower[index + 1 : index + 2]) == ("due",) and after == "TO")
    )
    return closed and (before != "DT" or lower[index - 1] in {"the", "a", "an", "this", "that"})


def _class(tags: Sequence[str], index: int) -> str:
    return tags[index] if index < len(tags) else "PU"
