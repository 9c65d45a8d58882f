"""Shorter noun phrases: what stands between an article and its noun may go, if the noun still means what it meant.

"A [weekend] deal", "the [new flood insurance] programme", "its [$12.5 billion] purchase". Pairs that are one term ("real estate",
"interest rates") are never split; nor is a noun whose modifier decides what it is ("former", "failed", "oil prices").
"""

from collections.abc import Iterator
from typing import Literal

from copydesk.models.collocations import collocations
from copydesk.models.lexicon import lexicon
from copydesk.models.phrases import Parse

NounDeletion = tuple[int, int, Literal["modifier"]]
_ATTRIBUTIVE = frozenset({"JJ", "NN", "VN", "VG", "NP"})
_DETERMINERS = frozenset({"the", "a", "an", "this", "that", "its", "his", "her", "their"})
"""Words after which a noun is as definite without its modifiers as with them; "most", "several" and "no" are not."""
CHANGING_PREFIXES = (
    "un", "ir", "il", "dis", "mis", "non", "anti", "ex-", "self-", "pro-", "mid-", "would-", "so-", "semi",
)  # fmt: skip
"""Adjectives that begin so may turn their noun round: "irresponsible lending"."""
_INDEFINITE = frozenset({"a", "an", "the"})


def premodifiers(read: Parse) -> Iterator[NounDeletion]:
    """Every deletion before the head of a noun phrase."""
    for head in range(1, read.body_end):
        if _is_head(read, head):
            yield from _before(read, head)
    yield from _amounts(read)


def _is_head(read: Parse, index: int) -> bool:
    """A common noun with no noun after it: the last of its phrase."""
    if read.tags[index] not in {"NN", "NS"} or read.quote_depth[index] or not read.words[index][0].islower():
        return False
    if any(begin <= index < read.calendar_end(begin) for begin in range(max(0, index - 4), index)):
        return False
    dated = read.calendar_end(index + 1) > index + 1
    follows = read.tags[index + 1 : index + 2]
    inside = follows in {("NN",), ("NS",), ("NP",), ("PZ",), ("JJ",), ("CD",)}
    return (dated or not inside) and read.calendar_end(index) == index


def _before(read: Parse, head: int) -> Iterator[NounDeletion]:
    start = head
    if read.lower[head] in lexicon("style", "needs_modifier") or read.lower[head] in lexicon("calendar", "units"):
        return  # "a staff member" is no "member", "the coming days" are not "the days"
    while start > 0 and read.tags[start - 1] in _ATTRIBUTIVE and not recasts(read.lower[start - 1]):
        if read.finite[start - 1]:
            return
        start -= 1
        if read.tags[start] == "VG" and read.tags[start - 1] not in {"DT", "PS", "PZ"}:
            return  # "a speech outlining plans"
    definite = start > 0 and read.lower[start - 1] in _DETERMINERS and read.tags[start - 1] != "TH"
    if not definite and read.tags[max(0, start - 1)] != "PZ":
        return  # "oil prices" are not "prices", but "the oil prices" may be "the prices"
    if start > 1 and read.words[start - 2] == ",":
        return  # "Chrysler, the struggling arm of Daimler," is told by its modifiers
    if any(read.calendar_end(at) > at for at in range(start, head)):
        return
    for end in range(start + 1, head + 1):
        if (read.lower[end - 1], read.lower[end]) in collocations():
            continue
        if read.words[end - 1][0].isupper() and read.words[end][0].isupper():
            continue
        if end < head and read.tags[end] in {"VN", "VG"}:
            continue
        yield start, end, "modifier"
        if (
            start > 1
            and read.lower[start - 1] in _INDEFINITE
            and read.tags[start - 2] not in {"BE", "CD", "PR", "NP", "PO"}
        ):
            yield start - 1, end, "modifier"


def is_superlative(word: str) -> bool:
    """Whether a word in lower case compares with all others: "biggest", "most-watched"."""
    return word.endswith("est") or word.startswith(("most-", "best-", "least-"))


def changes_noun(word: str) -> bool:
    """Whether an adjective in lower case changes what its noun is, or whether it is at all: "former", "alleged", "failed"."""
    return word in lexicon("meaning", "hedge") | lexicon("meaning", "privative") | lexicon("meaning", "negative_stem")


def recasts(word: str) -> bool:
    """Whether an adjective in lower case changes what its noun is, counts it or compares it: not only its colour."""
    return (
        changes_noun(word)
        or word.startswith(CHANGING_PREFIXES)
        or any(character.isdigit() for character in word)
        or is_superlative(word)
    )


def _amounts(read: Parse) -> Iterator[NounDeletion]:
    """ "its [$12.5 billion] purchase": a price before the noun."""
    for index in range(1, read.body_end - 1):
        if (
            read.tags[index] != "CD"
            or read.words[index][0] not in "$€£¥"
            or read.tags[index - 1] not in {"DT", "PS", "PZ"}
        ):
            continue
        end = index
        while end < read.body_end and (read.tags[end] == "CD"):
            end += 1
        if end < read.body_end and read.tags[end] in {"NN", "JJ", "NP"} and not read.quote_depth[index]:
            yield index, end, "modifier"
            if read.lower[index - 1] in _INDEFINITE:
                yield index - 1, end, "modifier"
