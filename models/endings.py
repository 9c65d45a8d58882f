"""Where a statement may stop: at which token a headline may end, and at which one a deletion may begin.

Shared by the rules that propose deletions (:mod:`copydesk.models.deletions`) and the check that no headline stops in mid-phrase.
"""

from copydesk.models.collocations import collocations
from copydesk.models.lexicon import lexicon
from copydesk.models.phrases import Parse
from copydesk.models.sentence_words import INSIDE_NP, NOMINAL, VERBAL

ALWAYS_BOUND = frozenset(
    {"against", "without", "unless", "except", "if", "of", "than", "like", "unlike", "versus", "vs"}
)
"""A phrase with one of these turns or completes what it hangs on; it is never deleted by itself."""
CONDITIONS = frozenset({"if", "unless", "whether", "how", "why", "lest"})
PARTICLES = frozenset({"up", "down", "out", "off", "over", "through"})
"""Adverbs that look like prepositions: "shut down", "called off"."""
_PARTICLE_ADVERBS = frozenset({"back", "away", "together", "apart", "forward", "ahead", "aside", "off", "out"})
"""Adverbs that belong to the verb before them: "step back"."""
_COMPOUND = frozenset(
    {("due", "to"), ("because", "of"), ("thanks", "to"), ("along", "with"), ("rather", "than"), ("ahead", "of"),
     ("instead", "of"), ("together", "with"), ("apart", "from"), ("such", "as"), ("as", "well"), ("in", "order")}
)  # fmt: skip
"""Prepositions of two words."""
_COMPLEMENT_CLASSES = frozenset({"TO", "TH", "IN", "SB"})
_EACH = frozenset({"all", "every", "everything", "any", "only", "those", "one", "ones", "nothing", "anything"})
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
_SUBORDINATING = frozenset({"SB", "RL", "TH"})


def legal_end(read: Parse, last: int, cut: int) -> bool:  # noqa: PLR0911 - one rule per word class
    """Whether a headline may stop after the token ``last`` when what is deleted begins at ``cut``."""
    if any(report.content[0] == 0 and report.core[1] == last + 1 for report in read.reports):
        return read.tags[last] in NOMINAL | VERBAL
    at = last
    while at > 0 and read.tags[at] == "RB" and read.lower[at] not in lexicon("meaning", "hedge"):
        at -= 1
    tag, low = read.tags[at], read.lower[at]
    whole = cut >= read.body_end
    if low.endswith("est") and at and read.tags[at - 1] in {"DT", "PS"}:
        return False  # "rallied to its strongest | since"
    if tag in NOMINAL or (read.calendar_end(at) > at and tag not in {"IN", "SB", "DT"}):
        return not _noun_wants_more(read, at) and not (low in _EARLIER and read.lower[at - 1] == "than")
    if tag == "PU":
        return at > 0 and read.words[at] in {")", "”", "''", '"', "’", "]", "%"}
    if tag == "PR":
        return at > 0 and read.tags[at - 1] in VERBAL | {"IN"}
    if tag == "IN":
        whole = whole or read.tags[cut] in {"IN", "SB", "PU", "CC"} or _is_intensified(read, cut)
        verbal = read.tags[at - 1] in VERBAL or read.lower[at - 1].endswith("ing")
        return low in PARTICLES and verbal and whole
    if tag in {"VN", "VD"} and read.lower[at - 1 - (read.lower[at - 1] in _EARLIER)] == "than":
        return True  # "grew faster than expected", "… than first reported"
    if tag == "VN" and read.tags[at - 1] == "HV":
        return whole or low in lexicon("verbs", "intransitive")
    if tag == "VN" and not read.finite[at]:
        moved = not whole and read.lower[cut] in {"into", "onto", "to"}  # "has been thrown | into doubt"
        return _is_passive(read, at) and not moved and (whole or not _is_negated(read, at))
    if tag == "VD" and not read.finite[at] and read.tags[at - 1] in NOMINAL:
        return False  # "overturned an award won | by the widow"
    if tag in {"VD", "VZ", "VB", "VG", "VN"}:
        return whole or low in lexicon("verbs", "intransitive")
    if tag == "JJ":
        completed = whole or read.tags[cut] not in _COMPLEMENT_CLASSES
        return _is_predicative(read, at) and (completed or _is_circumstance(read, cut))
    return whole and tag in {"RB", "DT"}


def may_begin(read: Parse, index: int) -> bool:
    """Whether what begins at ``index`` can be left out together with all that follows, by the class of its first word."""
    before = read.tags[index - 1]
    if read.calendar_end(index) > index:
        return before not in {"IN", "SB", "TO", "DT", "PS", "PZ", "JJ"}
    if (
        _leaves_put_without_place(read, index)
        or _leaves_gift_behind(read, index)
        or (read.lower[index - 1], read.lower[index]) in collocations()
    ):
        return False
    if read.lower[index : index + 2] in _COMPOUND:
        return before in NOMINAL | {"JJ", "VN"}
    if read.lower[index] == "worth":
        return before in NOMINAL
    if begins_contact_clause(read, index) or begins_reduced_relative(read, index):
        return True
    rule = _BEGINNINGS.get(read.tags[index])
    return rule is not None and rule(read, index)


def begins_contact_clause(read: Parse, index: int) -> bool:
    """ "lift the sanctions | it imposed on the bank": a relative clause without its "that", which has its own subject."""
    if read.tags[index - 1] not in {"NN", "NS"} or read.tags[index] not in {"PR", "DT", "PS"}:
        return False
    verbs = [verb for verb, start in read.subject_start.items() if start == index]
    if not any(all(read.tags[at] in INSIDE_NP for at in range(index, verb)) for verb in verbs if verb > index):
        return False
    return not _takes_statement(read, index)  # "told reporters | it will close", "is one of the reasons | it failed"


def begins_reduced_relative(read: Parse, index: int) -> bool:
    """ "defended the bonus | due to be paid", "a source | close to the talks": an adjective with what completes it."""
    follows = read.tags[index + 1 : index + 2]
    if read.tags[index - 1] not in {"NN", "NS"} or read.lower[index] not in lexicon("verbs", "postnominal"):
        return False
    return follows in {("IN",), ("TO",)}


def _leaves_put_without_place(read: Parse, index: int) -> bool:
    """ "put China, along with Russia, | on its list": the verb is not whole without the place."""
    verb = next(
        (at for at in range(index - 1, max(-1, index - 12), -1) if read.tags[at] in {"VB", "VZ", "VD", "VN"}), None
    )
    if verb is None or read.lower[verb] not in {"put", "puts", "putting"}:
        return False
    return not any(
        read.tags[at] in {"IN", "TO"} and read.lower[at] not in {"with", "of", "along"} for at in range(verb + 1, index)
    )


def _leaves_gift_behind(read: Parse, index: int) -> bool:
    """ "is giving efforts | to prime its economy a vote of confidence": what is given stands in what would go."""
    verb = next(
        (at for at in range(index - 1, max(-1, index - 8), -1) if read.tags[at] in VERBAL or read.finite[at]), None
    )
    if verb is None or read.lower[verb] not in lexicon("verbs", "giving"):
        return False
    if any(read.tags[at] in {"DT", "PS", "CD"} and read.tags[at - 1] in NOMINAL for at in range(verb + 2, index)):
        return False
    for at in range(index + 1, read.body_end):
        if read.finite[at] or read.tags[at] in {"PU", "SB", "RL", "TH"}:
            return False
        if read.tags[at] in {"DT", "PS", "CD"} and read.tags[at - 1] in NOMINAL and read.calendar_end(at) == at:
            return True
    return False


def is_bound(read: Parse, index: int) -> bool:
    """Whether the preposition completes the word before it or its verb: "accused of", "relies on", "is in"."""
    if f"{read.lower[index - 1]}:{read.lower[index]}" in lexicon("verbs", "bound"):
        return True
    if read.tags[index - 1] in {"BE", "MD", "HV", "DO", "TO", "IN", "DT", "CC", "JJ", "PZ", "PS"}:
        return read.tags[index - 1] != "IN" or read.lower[index - 1] not in PARTICLES
    return _is_bound_to_verb(read, index)


def may_drop_of(read: Parse, index: int) -> bool:
    """ "criticism | of a judge": the noun says something without what it is of; it is no quantity, part, role or name."""
    return (
        read.tags[index - 1] in {"NN", "NS"}
        and read.lower[index - 1] not in lexicon("verbs", "relational") | lexicon("names", "title")
        and not _is_bound_to_verb(read, index)
        and not read.lower[index - 1].startswith(("one-", "two-", "three-", "four-"))  # "two-fifths | of the sales"
        and "CD" not in read.tags[max(0, index - 3) : index]
    )


def opens_number(read: Parse, index: int) -> bool:
    """ "over 5,000", "under 10", "about 30", "up to 5": the preposition is part of an amount."""
    number = read.tags[index + 1 : index + 2] == ("CD",)
    if read.lower[index] in {"over", "under", "about", "around", "near"} and number:
        return True
    if read.lower[index] == "up" and read.lower[index + 1 : index + 2] == ("to",):
        return True
    return read.tags[index - 1] == "CD" and read.lower[index] == "per"


def is_list_comma(read: Parse, comma: int) -> bool:
    """ "A, B and C": after the comma come noun phrases up to a conjunction, and no verb of their own."""
    if read.words[comma] != ",":
        return False
    at = comma + 1
    if read.tags[at : at + 1] == ("CC",):
        return not begins_clause(read, at + 1)
    while at < read.body_end and (read.tags[at] in INSIDE_NP or read.lower[at] == "of"):
        at += 1
    if at >= read.body_end or at == comma + 1:
        return False
    if read.tags[at] == "CC":
        return not begins_clause(read, at + 1) and at - comma <= 6
    last = (
        read.words[at] == ","
        and read.tags[at + 1 : at + 2] == ("CC",)
        and read.tags[at + 2 : at + 3] not in {("TO",), ("IN",)}
    )
    return last and not begins_clause(read, at + 2)


def begins_clause(read: Parse, index: int) -> bool:
    """Whether a finite verb, with or without its subject, follows a conjunction: not just another noun phrase."""
    at = index + (
        read.tags[index : index + 1] == ("SB",)
    )  # "and as it fell": further on, a subordinator ends the noun phrase
    while at < read.body_end and read.tags[at] in INSIDE_NP | {"RB", "NG", "IN"} and not read.finite[at]:
        at += 1
    if at >= read.body_end or not read.finite[at]:
        return False
    if all(read.tags[between] in {"RB", "NG"} for between in range(index, at)):
        return True
    # "X and Y said": the noun phrase belongs to the one before the conjunction, unless that one has its verb already.
    return read.subject_start[at] >= index


def _after_punctuation(read: Parse, index: int) -> bool:
    if read.words[index] == "-" and read.spans[index - 1][1] == read.spans[index][0]:
        return False  # "U.S.-led"
    return read.words[index] in {",", ";", "--", "—", "–", "-", "(", ":"} and not is_list_comma(read, index)


def _preposition(read: Parse, index: int) -> bool:
    if read.lower[index] == "of":
        return may_drop_of(read, index)
    return read.lower[index] not in ALWAYS_BOUND and not is_bound(read, index) and not opens_number(read, index)


def _subordinator(read: Parse, index: int) -> bool:
    if read.lower[index] == "where" and read.tags[index - 1] not in NOMINAL:
        return False  # "ended up | where many said it would"
    if read.lower[0] == "there" and index < 8:
        return False  # "There are weeks | when …"
    return read.lower[index] not in CONDITIONS and not (read.lower[index] == "as" and is_bound(read, index))


def _relative(read: Parse, index: int) -> bool:
    return read.tags[index - 1] in NOMINAL


def _conjunction(read: Parse, index: int) -> bool:
    if read.lower[index] not in {"and", "but", "or"}:
        return False
    return (
        begins_clause(read, index + 1)
        or _second_object(read, index)
        or _second_predicate(read, index)
        or _second_statement(read, index)
    )


def _second_predicate(read: Parse, index: int) -> bool:
    """ "must cut the deficit | or risk a default", "plans to sell the unit | and pay its debts": another base form, as one
    before the conjunction has it after the same modal or "to"."""
    verb = index + 1
    while verb < read.body_end and read.tags[verb] in {"RB", "NG"}:
        verb += 1
    if verb >= read.body_end or read.tags[verb] != "VB" or read.finite[verb]:
        return False
    for at in range(index - 1, 0, -1):
        joins_nouns = read.tags[at] == "CC" and read.tags[at - 1] in NOMINAL and read.tags[at + 1] in INSIDE_NP
        if (read.tags[at] in {"SB", "RL", "TH", "CC"} and not joins_nouns) or (
            read.finite[at] and read.tags[at] != "MD"
        ):
            return False
        if read.tags[at] == "VB":
            return read.tags[at - 1] in {"TO", "MD", "RB", "NG"}
    return False


def _second_statement(read: Parse, index: int) -> bool:
    """ "said that the port is safe | and that it will reopen"."""
    return read.tags[index + 1 : index + 2] == ("TH",) and any(
        read.lower[report.cue] in lexicon("attribution", "verb") and report.content[0] <= index < report.content[1]
        for report in read.reports
        if report.content[0] > report.cue
    )


def _second_object(read: Parse, index: int) -> bool:
    """ "raised prices | and its forecast": a whole noun phrase of its own, that shares no noun with the one before."""
    begins = read.tags[index + 1 : index + 2] in {("DT",), ("PS",)} and read.tags[index - 1] in {"NN", "NS", "NP"}
    if any(start <= index < verb for verb, start in read.subject_start.items()):
        return False
    paired = any(
        read.lower[at] in {"between", "both", "either", "neither", "from"} for at in range(max(0, index - 12), index)
    )
    listed = any(is_list_comma(read, at) for at in range(max(0, index - 8), index))
    return read.lower[index] == "and" and begins and not paired and not listed


def _infinitive(read: Parse, index: int) -> bool:
    """ "launched an operation | to respond", not "urged Armenia to step back", "rose to 5" or "from 5 to 10"."""
    if read.tags[index - 1] not in NOMINAL or read.lower[index - 1] in {"up", "close", "next"}:
        return False
    number = read.tags[index + 1 : index + 2] == ("CD",)
    ranged = any(read.lower[at] in {"from", "between"} for at in range(max(0, index - 7), index))
    if number and (read.tags[index - 1] == "CD" or ranged):
        return False
    for at in range(index - 1, -1, -1):
        if read.lower[at] == "for" and read.tags[at - 1] in {"NN", "NS", "JJ"}:
            return False  # "the need for OPEC | to hike output"
        if read.tags[at] in {"VB", "VZ", "VD", "VN", "VG"}:
            return read.lower[at] not in lexicon("verbs", "control")
        if read.tags[at] == "BE":
            return False
        if read.tags[at] in _SUBORDINATING or read.words[at] == ",":
            return True
    return False


def _that(read: Parse, index: int) -> bool:
    """ "a bomb | that killed three", not "said that …" or "the claim that he …"."""
    if read.tags[index - 1] not in {"NN", "NS"} or index + 1 >= len(read):
        return False
    adverb = read.tags[index + 1] in {"RB", "NG"} and index + 2 < len(read) and read.finite[index + 2]
    return read.finite[index + 1] or adverb or _begins_object_clause(read, index)


def _begins_object_clause(read: Parse, index: int) -> bool:
    """ "a list of industries | that it would ban": not "the claim that …" or "told reporters that …"."""
    start = index - 1
    while start > 0 and read.tags[start - 1] in {"NN", "JJ", "NP"}:
        start -= 1
    definite = read.lower[index - 1] in lexicon("verbs", "content_noun") and read.lower[start - 1] not in {"a", "an"}
    if definite or _takes_statement(read, index):
        return False  # "denied the claim | that it will close"
    return any(
        start == index + 1 and all(read.tags[at] in INSIDE_NP for at in range(start, verb))
        for verb, start in read.subject_start.items()
    )


def _takes_statement(read: Parse, index: int) -> bool:
    """Whether the verb before takes a statement after its object, or is a form of "be"."""
    governing = next((at for at in range(index - 1, -1, -1) if read.tags[at] in VERBAL), None)
    if governing is None or read.tags[governing] == "BE":
        return True
    if any(read.lower[at] in _EACH for at in range(max(0, index - 6), index)):
        return True  # "learned all the skills | he needs"
    return read.lower[governing] in lexicon("attribution", "verb") | lexicon("verbs", "convincing")


def _participle(read: Parse, index: int) -> bool:
    """ "two men | carrying guns", not "saw men carrying guns", "with inflation staying high" and not a finite verb."""
    if (
        read.tags[index - 1] not in {"NN", "NS", "NP"}
        or read.finite[index]
        or "with" in read.lower[max(0, index - 4) : index]
    ):
        return False
    for at in range(index - 1, max(-1, index - 6), -1):
        if read.tags[at] in {"VB", "VZ", "VD"} or (read.tags[at] == "VN" and read.tags[at - 1] == "HV"):
            return read.lower[at] not in lexicon("verbs", "perception")
        if read.tags[at] == "HV":
            return False  # "have economists heralding the end"
        if read.tags[at] == "BE":
            return read.tags[index] != "VN"
    return True


def _adverb(read: Parse, index: int) -> bool:
    """ "a court order | temporarily blocking …", "killed | shortly after …": the adverb goes with what follows."""
    follows = read.tags[index + 1] if index + 1 < read.body_end else "PU"
    if _is_intensified(read, index):
        return True
    if (
        read.lower[index] == "ago"
        or read.tags[index - 1] in {"RB", "BE", "IN"}
        or read.lower[index] in _PARTICLE_ADVERBS
    ):
        return False
    if follows == "VG":
        return read.tags[index - 1] in NOMINAL
    return follows in {"IN", "SB"} and read.lower[index + 1] not in ALWAYS_BOUND | CONDITIONS


def _is_intensified(read: Parse, index: int) -> bool:
    """ "downplayed the talks | even though …", "no signs of letting up | just as …"."""
    clausal = read.tags[index + 1 : index + 2] in {("SB",), ("IN",)} and read.lower[index + 1] not in ALWAYS_BOUND
    return read.lower[index] in {"even", "just"} and clausal and read.lower[index + 1] not in CONDITIONS | {"over"}


_BEGINNINGS = {
    "PU": _after_punctuation,
    "IN": _preposition,
    "SB": _subordinator,
    "RL": _relative,
    "CC": _conjunction,
    "TO": _infinitive,
    "TH": _that,
    "RB": _adverb,
    "VG": _participle,
    "VN": _participle,
    "VD": _participle,
}


def _is_bound_to_verb(read: Parse, index: int) -> bool:
    """Whether the nearest verb before the preposition needs it."""
    for at in range(index - 1, max(-1, index - 8), -1):
        if read.tags[at] in VERBAL:
            return f"{read.lower[at]}:{read.lower[index]}" in lexicon("verbs", "bound")
        if read.tags[at] in _SUBORDINATING:
            return False
    return False


def _noun_wants_more(read: Parse, index: int) -> bool:
    """A number that a noun follows, or "a number", "a series" and the like without what they count."""
    if read.lower[index] in lexicon("verbs", "counting"):
        return True
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
