"""Where a deletion may begin that takes all that follows along: by the class of its first word, and what would miss it."""

from copydesk.models.collocations import collocations
from copydesk.models.complement_words import completes
from copydesk.models.coordination import (
    begins_clause,
    is_list_comma,
    second_object,
    second_predicate,
    second_statement,
)
from copydesk.models.lexicon import lexicon
from copydesk.models.phrases import Parse
from copydesk.models.prepositions import ALWAYS_BOUND, CONDITIONS, is_bound, is_intensified, may_drop_of, opens_number
from copydesk.models.sentence_words import INSIDE_NP, NOMINAL, PARTICLES, VERBAL
from copydesk.models.tagger import Tagger

_PARTICLE_ADVERBS = frozenset({"back", "away", "together", "apart", "forward", "ahead", "aside", "off", "out"})
"""Adverbs that belong to the verb before them: "step back"."""
_COMPOUND = frozenset(
    {("due", "to"), ("because", "of"), ("thanks", "to"), ("along", "with"), ("rather", "than"), ("ahead", "of"),
     ("instead", "of"), ("together", "with"), ("apart", "from"), ("such", "as"), ("as", "well"), ("in", "order")}
)  # fmt: skip
"""Prepositions of two words."""
_ORDINALS = frozenset({"first", "second", "third", "fourth", "fifth", "sixth", "last"})
_UNITS = frozenset({"weeks", "months", "quarters", "years", "decades", "history", "decade"})
_EACH = frozenset({"all", "every", "everything", "any", "only", "those", "one", "ones", "nothing", "anything"})
"""A noun that one of these opens is not whole without its relative clause."""
_SUBORDINATING = frozenset({"SB", "RL", "TH"})


def may_begin(read: Parse, index: int) -> bool:
    """Whether what begins at ``index`` can be left out together with all that follows, by the class of its first word."""
    before = read.tags[index - 1]
    if read.calendar_end(index) > index and not frames_superlative(read, index):
        parted = (
            read.lower[index - 1] in PARTICLES and read.tags[index - 2] in VERBAL
        )  # "were sent over | late on Monday"
        return parted or before not in {"IN", "SB", "TO", "DT", "PS", "PZ", "JJ"}
    if (
        frames_superlative(read, index)
        or _is_within_circumstance(read, index)
        or _is_bare_apposition(read, index)
        or _leaves_put_without_place(read, index)
        or _leaves_gift_behind(read, index)
        or (read.lower[index - 1], read.lower[index]) in collocations()
        or (completes(read, index, _undated(read, index - 1)) and read.tags[index] != "TH")
    ):
        return False
    if read.lower[index : index + 2] in _COMPOUND:
        return before in NOMINAL | VERBAL | {"JJ", "RB"}
    if read.lower[index] == "worth":
        return before in NOMINAL
    if begins_contact_clause(read, index) or begins_reduced_relative(read, index):
        return True
    rule = _BEGINNINGS.get(read.tags[index])
    return rule is not None and rule(read, index)


def _undated(read: Parse, index: int) -> int:
    """The token, or the one before the date that it ends: "announced plans [on Monday] to sell"."""
    starts = (begin for begin in range(max(0, index - 4), index + 1) if read.calendar_end(begin) == index + 1)
    return max(0, next(starts, index + 1) - 1)


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
        (at for at in range(index - 1, max(-1, index - 12), -1) if read.tags[at] in {"VB", "VZ", "VD", "VN", "VG"}),
        None,
    )
    kept = verb is not None and read.lower[verb] in {"keep", "keeps", "kept", "keeping"} and read.tags[index] == "IN"
    kept = kept and read.lower[index] in {"at", "from", "out", "off", "in", "under"}  # "keep attacks | at bay"
    if verb is None or (read.lower[verb] not in {"put", "puts", "putting"} and not kept):
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


def _after_punctuation(read: Parse, index: int) -> bool:
    if read.words[index] == "-" and read.spans[index - 1][1] == read.spans[index][0]:
        return False  # "U.S.-led"
    follows = read.tags[index + 1 : index + 2]
    if read.words[index] == "," and _is_half_described(read, index):
        return False  # "there is no typical | , lingering doubt", "a substantive | , if not sharp, debate"
    if read.words[index] == "," and read.tags[index - 1] == "JJ" and follows in {("JJ",), ("NN",), ("NS",)}:
        return False  # "to promote strong | , sustainable growth"
    return read.words[index] in {",", ";", "--", "—", "–", "-", "(", ":"} and not is_list_comma(read, index)


def _is_half_described(read: Parse, comma: int) -> bool:
    """Whether an article and what may be an adjective stand before the comma, and more of the same noun phrase after it."""
    if comma < 2 or read.tags[comma - 2] != "DT":
        return False
    described = read.tags[comma - 1] == "JJ" or Tagger.load().leans(read.lower[comma - 1], "JJ", "NN", ratio=0.05)
    conceded = read.lower[comma + 1 : comma + 2] in {("if",), ("albeit",)}
    return conceded or (described and read.tags[comma + 1 : comma + 2] == ("JJ",))


def _preposition(read: Parse, index: int) -> bool:
    if read.lower[index] == "of":
        return may_drop_of(read, index)
    if read.lower[index] == "for" and _has_infinitive(read, index + 1):
        return False  # "no reason | for the port to close"
    return read.lower[index] not in ALWAYS_BOUND and not is_bound(read, index) and not opens_number(read, index)


def _has_infinitive(read: Parse, index: int) -> bool:
    """Whether "to" and a verb follow the noun phrase that begins here."""
    at = index
    while at < read.body_end and read.tags[at] in INSIDE_NP:
        at += 1
    return at > index and read.tags[at : at + 2] == ("TO", "VB")


def _is_within_circumstance(read: Parse, index: int) -> bool:
    """ "…, with the lowest level | at 78 percent": a circumstance goes as a whole, or stays."""
    comma = next((at for at in range(index - 1, max(0, index - 12), -1) if read.words[at] == ","), None)
    return comma is not None and read.lower[comma + 1] == "with" and not any(read.finite[comma:index])


def frames_superlative(read: Parse, index: int) -> bool:
    """ "its highest level | since December", "its first loss | in two years": without its frame, the superlative claims more."""
    ranked = any(read.lower[at].endswith("est") or read.lower[at] == "worst" for at in range(max(0, index - 3), index))
    if ranked and read.lower[index] in {"since", "ever", "yet"}:
        return True
    counted = not _ORDINALS.isdisjoint(read.lower[max(0, index - 5) : index])
    spanned = read.lower[index] == "in" and not _UNITS.isdisjoint(read.lower[index + 1 : index + 4])
    again = read.lower[index - 1] == "time" and read.lower[index] == "this"
    return counted and (read.lower[index] in {"since", "ever"} or spanned or again)


def _subordinator(read: Parse, index: int) -> bool:
    if read.lower[index] in {"after", "before"} and read.lower[index - 1] in lexicon("calendar", "units"):
        return False  # "came days | after the vote"
    if read.lower[index] == "where" and read.tags[index - 1] not in NOMINAL:
        return False  # "ended up | where many said it would"
    if read.lower[0] == "there" and index < 8:
        return False  # "There are weeks | when …"
    return read.lower[index] not in CONDITIONS and not (read.lower[index] == "as" and is_bound(read, index))


def _relative(read: Parse, index: int) -> bool:
    return read.tags[index - 1] in NOMINAL


def _is_bare_apposition(read: Parse, index: int) -> bool:
    """ "charged with fraud, a count | that carries years in prison": what follows is all that the apposition says."""
    bare = index > 3 and read.tags[index - 1] == "NN" and read.tags[index - 2] == "DT" and read.words[index - 3] == ","
    return bare and read.tags[index] in {"TH", "RL", "IN", "TO"}


def _conjunction(read: Parse, index: int) -> bool:
    if read.lower[index] not in {"and", "but", "or"} or _is_within_name(read, index):
        return False
    return (
        begins_clause(read, index + 1)
        or second_object(read, index)
        or second_predicate(read, index)
        or second_statement(read, index)
    )


def _is_within_name(read: Parse, index: int) -> bool:
    """ "the Food | and Drug Administration"."""
    at = index + 1
    while at < read.body_end and read.tags[at] == "NP":
        at += 1
    named = read.tags[index - 1] == "NP" and at > index + 1
    return (
        named
        and read.lower[at - 1] in lexicon("names", "organisation")
        and "the" in read.lower[max(0, index - 4) : index]
    )


def _infinitive(read: Parse, index: int) -> bool:
    """ "launched an operation | to respond", not "urged Armenia to step back", "rose to 5" or "from 5 to 10"."""
    if read.tags[index - 1] not in NOMINAL or read.lower[index - 1] in {"up", "close", "next"}:
        return False
    if f"{read.lower[index - 1]}:to" in lexicon("verbs", "bound"):
        return False  # "the right | to vote"
    if read.tags[index + 1 : index + 2] != ("VB",) and "from" in read.lower[max(0, index - 7) : index]:
        return False  # "flew from one port | to another"
    if read.tags[index + 1 : index + 2] != ("VB",) and is_bound(read, index):
        return False  # "may bring relief | to owners"
    number = read.tags[index + 1 : index + 2] == ("CD",)
    ranged = any(read.lower[at] in {"from", "between"} for at in range(max(0, index - 7), index))
    return not (number and (read.tags[index - 1] == "CD" or ranged)) and _is_added(read, index)


def _is_added(read: Parse, infinitive: int) -> bool:
    """Whether nothing before the infinitive needs it: neither its verb nor a noun, as in "the need for OPEC | to hike output"."""
    for at in range(infinitive - 1, -1, -1):
        if read.tags[at] == "BE" or (read.lower[at] == "for" and read.tags[at - 1] in {"NN", "NS", "JJ"}):
            return False
        if read.tags[at] in {"VB", "VZ", "VD", "VN", "VG"}:
            return read.lower[at] not in lexicon("verbs", "control")
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
        or "with" in read.lower[max(0, index - 7) : index]
        or _is_attributive(read, index)
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


def _is_attributive(read: Parse, index: int) -> bool:
    """ "a Canadian | holding company", "profit | taking": between an article with a name and a noun, or half of a noun."""
    named = read.tags[index - 1] == "NP" and read.lower[index - 2 : index - 1] in {("a",), ("an",), ("the",)}
    compound = (
        read.tags[index] == "VG"
        and read.tags[index - 1] == "NN"
        and read.tags[index + 1 : index + 2] in {("CC",), ("PU",)}
    )
    return compound or (named and read.tags[index + 1 : index + 2] in {("NN",), ("NS",)})


def _adverb(read: Parse, index: int) -> bool:
    """ "a court order | temporarily blocking …", "killed | shortly after …": the adverb goes with what follows."""
    follows = read.tags[index + 1] if index + 1 < read.body_end else "PU"
    if is_intensified(read, index):
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
