"""Which prepositions complete the word before them, and which only add: "relies on", "vote of confidence"; "closed in June"."""

from copydesk.models.complement_words import completes
from copydesk.models.lexicon import lexicon
from copydesk.models.phrases import Parse
from copydesk.models.sentence_words import PARTICLES, VERBAL

ALWAYS_BOUND = frozenset(
    {"against", "without", "unless", "except", "if", "of", "than", "like", "unlike", "versus", "vs"}
)
"""A phrase with one of these turns or completes what it hangs on; it is never deleted by itself."""
CONDITIONS = frozenset({"if", "unless", "whether", "how", "why", "lest"})
_CLAUSE_OPENERS = frozenset({"SB", "RL", "TH"})


def is_bound(read: Parse, index: int) -> bool:
    """Whether the preposition completes the word before it or its verb: "accused of", "relies on", "is in"."""
    if f"{read.lower[index - 1]}:{read.lower[index]}" in lexicon("verbs", "bound") or completes(read, index, index - 1):
        return True
    if read.tags[index - 1] in {"BE", "MD", "HV", "DO", "TO", "IN", "DT", "CC", "JJ", "PZ", "PS"}:
        return read.tags[index - 1] != "IN" or read.lower[index - 1] not in PARTICLES
    return is_bound_to_verb(read, index)


def is_bound_to_verb(read: Parse, index: int) -> bool:
    """Whether the nearest verb before the preposition needs it."""
    for at in range(index - 1, max(-1, index - 8), -1):
        if read.tags[at] in VERBAL:
            return f"{read.lower[at]}:{read.lower[index]}" in lexicon("verbs", "bound")
        if read.tags[at] in _CLAUSE_OPENERS:
            return False
    return False


def may_drop_of(read: Parse, index: int) -> bool:
    """ "criticism | of a judge": the noun says something without what it is of; it is no quantity, part, role or name."""
    return (
        read.tags[index - 1] in {"NN", "NS"}
        and read.lower[index - 1] not in lexicon("verbs", "relational") | lexicon("names", "title")
        and not is_bound_to_verb(read, index)
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


def is_intensified(read: Parse, index: int) -> bool:
    """ "downplayed the talks | even though …", "no signs of letting up | just as …"."""
    clausal = read.tags[index + 1 : index + 2] in {("SB",), ("IN",)} and read.lower[index + 1] not in ALWAYS_BOUND
    return read.lower[index] in {"even", "just"} and clausal and read.lower[index + 1] not in CONDITIONS | {"over"}
