"""Checks of form: ends of phrases, brackets, pronouns, agency tags."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from copydesk.models.endings import asks, legal_end
from copydesk.models.guard import Kept
from copydesk.models.guard_stops import stops_short
from copydesk.models.introductions import dateline_end
from copydesk.models.lexicon import lexicon
from copydesk.models.phrases import Parse
from copydesk.models.sentence_words import INSIDE_NP, PARTICLES, VERBAL
from copydesk.models.words import is_word

_PLURAL = frozenset({"they", "them", "their", "themselves"})
_FIRST_PERSON = frozenset(
    {
        "i",
        "we",
        "me",
        "us",
        "my",
        "our",
        "you",
        "your",
        "i'm",
        "we're",
        "i've",
        "we've",
        "you're",
        "i'll",
        "we'll",
        "you'll",
        "you've",
        "you'd",
        "i'd",
        "we'd",
    }
)
_THIRD_PERSON = frozenset(
    {"he", "she", "it", "they", "him", "her", "them", "his", "its", "their", "himself", "herself", "itself", "themselves",
     "he's", "she's", "it's", "they're", "they've", "he'll", "she'll", "it'll", "they'll", "he'd", "she'd", "they'd", "who's"}
)  # fmt: skip
_PERSONAL = frozenset(
    {"he", "she", "him", "his", "her", "himself", "herself", "he's", "she's", "he'll", "she'll", "he'd", "she'd"}
)
_SINGULAR = frozenset({"it", "its", "itself", "it's", "it'll", "it'd"})
_DEMONSTRATIVE = frozenset({"this", "these", "those", "such", "another"})


_SEPARATORS = frozenset({",", ";", ":", "--", "–", "—", "-"})
_OPENING_RELATIVES = frozenset((much, "of", "which") for much in ("all", "none", "some", "most", "both"))
"""A sentence that begins so hangs on the one before it."""
MIN_WORDS = 3
"""Fewer words are a label, not a statement."""


def ends(read: Parse, kept: Kept) -> Iterator[str]:
    """It begins with a phrase and ends with one: no dangling function word, no sentence cut in mid-phrase."""
    indices = [at for at in range(len(read)) if kept[at]]
    words = [at for at in indices if is_word(read.words[at])]
    if len(words) < MIN_WORDS:
        yield "ends: too few words"
        return
    yield from _no_statement(read, indices)
    yield from stops_short(read, indices)
    first, last = indices[0], indices[-1]
    if read.tags[first] in {"CC", "PU", "RL"} and read.words[first] not in {'"', "“", "``", "‘"}:
        yield f"ends: begins with {read.words[first]!r}"
    if read.words[last] == "?" and len(indices) > 1:
        last = indices[-2]
    if not legal_end(read, last, last + 1):
        yield f"ends: stops after {read.words[last]!r}"
    for left, right in pairwise(indices):
        if read.tags[left] == "DT" and read.lower[left] in _SEVERAL and not _plural_follows(read, kept, left):
            yield f"ends: {read.words[left]!r} without a plural"
        if right > left + 1 and read.tags[left] in {"DT", "PS", "PZ"} and not _continues_noun_phrase(read, right):
            yield f"ends: {read.words[left]!r} without its noun"
        if (
            right > left + 1
            and read.lower[left] in {"a", "an"}
            and (read.lower[right][0] in "aeiou") != (read.lower[left + 1][0] in "aeiou")
        ):
            yield f"ends: {read.words[left]!r} before {read.words[right]!r}"
        if (
            right > left + 1
            and read.tags[left] in {"IN", "TO", "CC"}
            and not _is_particle(read, left)
            and read.tags[right] in {"PU", "IN", "SB", "CC", "RL"}
        ):
            yield f"ends: {read.words[left]!r} dangles"
        if (
            read.words[left] in _SEPARATORS
            and read.words[right] in _SEPARATORS
            and (right > left + 1 or read.words[left] == ":")
        ):
            yield f"ends: {read.words[right]!r} after {read.words[left]!r}"
        if _opens_statement(read, kept, left, right) and not any(
            kept[at] and read.finite[at] for at in range(right, last + 1)
        ):
            yield f"ends: {read.words[right]!r} opens a statement without a verb"
        joined = right > left + 1 and read.tags[left] == "CC" and read.finite[right]
        if joined and read.subject_start[right] <= left:  # "Moss and [his campaign] argue"
            yield f"ends: {read.words[left]!r} dangles"


def _repeats(read: Parse, indices: Sequence[int], conjunction: int) -> bool:
    """ "A crash between [a ferry] train and [a freight] train": of two nouns that are told apart, nothing is left to tell."""
    at = indices.index(conjunction)
    after = next((one for one in indices[at + 1 :] if read.tags[one] != "DT"), conjunction)
    before = indices[at - 1]
    torn = (
        after > conjunction + 1 + (read.tags[conjunction + 1 : conjunction + 2] == ("DT",)) or before - 1 not in indices
    )
    return torn and read.tags[after] in {"NN", "NS"} and read.lower[after] == read.lower[before]


def _no_statement(read: Parse, indices: Sequence[int]) -> Iterator[str]:
    """A question without its mark, or an item of a list."""
    if asks(read) and read.body_end - 1 not in indices:
        yield "ends: a question without its mark"
    if read.lower[indices[0] : indices[0] + 3] in _OPENING_RELATIVES:
        yield f"ends: begins with {' '.join(read.words[indices[0] : indices[0] + 3])!r}"
    if any(read.words[at] in {"*", "•"} and not _is_inside_word(read, at) for at in indices):
        yield "ends: a list's bullet"
    for at in indices[1:]:
        if read.tags[at] == "CC" and _repeats(read, indices, at):
            yield f"ends: the same noun before and after {read.words[at]!r}"
    colon = next((at for at in indices if read.words[at] == ":"), None)
    stated = colon is not None and colon + 1 in read.subject_start.values()
    if stated and not any(read.finite[at] or (at and read.finite[at - 1]) for at in indices if at > (colon or 0)):
        yield "ends: a statement after ':' without its verb"
    last = indices[-1]
    if read.lower[last] in {"that", "this", "these", "those"}:
        yield f"ends: {read.words[last]!r} without its noun"
    if read.tags[last] == "VN" and read.tags[last - 1] == "BE" and last - 1 not in indices:
        yield f"ends: {read.words[last]!r} without its auxiliary"


def _opens_statement(read: Parse, kept: Kept, comma: int, conjunction: int) -> bool:
    """ "Norvik will vote, and the 'Yes' camp …": after the only comma, what "and" opens is no list's last item."""
    if read.words[comma] != "," or read.lower[conjunction] not in {"and", "but"}:
        return False
    told = {at for report in read.reports for at in (report.core[0], report.core[1] - 1)}  # ", a source said,"
    commas = (at for at in range(max(0, comma - 15), comma) if kept[at] and read.words[at] == ",")
    listed = any(at not in told for at in commas)
    stated = any(kept[at] and read.finite[at] for at in range(comma))
    return stated and not listed


def _continues_noun_phrase(read: Parse, index: int) -> bool:
    """Whether a noun can still follow: not after "named Norvik's [chief] | late in May"."""
    follows = read.tags[index + 1 : index + 2]
    if read.tags[index] == "RB":
        return follows in {("JJ",), ("VN",), ("VG",)}
    if read.tags[index] == "JJ":
        return follows not in {("IN",), ("SB",), ()}
    return read.tags[index] in INSIDE_NP | {"VN", "VG"}


def _is_inside_word(read: Parse, index: int) -> bool:
    """ "E*Trade"."""
    return (
        0 < index < len(read) - 1 and read.spans[index - 1][1] == read.spans[index][0] == read.spans[index + 1][0] - 1
    )


_SEVERAL = frozenset({"several", "many", "few", "these", "those", "both", "various"})


def _plural_follows(read: Parse, kept: Kept, index: int) -> bool:
    at = index + 1
    while at < len(read) and (not kept[at] or read.tags[at] in {"JJ", "NN", "NP", "VN", "VG", "RB", "CC"}):
        if kept[at] and read.tags[at] == "NP" and read.lower[at].endswith("s"):
            return True  # "many Norwegians"
        at += 1
    joined = read.lower[index] == "both" and any(kept[one] and read.lower[one] == "and" for one in range(index, at))
    return joined or (at < len(read) and read.tags[at] in {"NS", "IN", "CD"} and kept[at])


def _is_particle(read: Parse, index: int) -> bool:
    return index > 0 and read.tags[index - 1] in VERBAL and read.lower[index] in PARTICLES


def brackets(read: Parse, kept: Kept) -> Iterator[str]:
    """No quotation mark or bracket stays open, and none is half dropped."""
    stack: list[str] = []
    pairs = {"(": ")", "[": "]", "“": "”", "``": "''"}
    for at in range(len(read)):
        if not kept[at]:
            continue
        word = read.words[at]
        if stack and word == stack[-1]:
            stack.pop()
        elif word in pairs:
            stack.append(pairs[word])
        elif word == '"':
            stack.append('"')
        elif word in pairs.values():
            yield f"brackets: {word!r} closes nothing"
    if stack:
        yield f"brackets: {stack[-1]!r} is missing"
    indices = [at for at in range(len(read)) if kept[at]]
    for left, right in pairwise(indices):
        opens = read.words[left] in pairs or (read.words[left] == '"' and read.quote_depth[left + 1 : left + 2] > (0,))
        if opens and right > left + 1 and not is_word(read.words[right]):
            yield f"brackets: nothing is left after {read.words[left]!r}"
    opened = next((at for at in range(len(read)) if kept[at] and _opens_quotation(read, at)), len(read))
    if opened < len(read) and not any(kept[at] and read.words[at] in {"'", "’"} for at in range(opened + 1, len(read))):
        yield 'brackets: "\'" is missing'


def _opens_quotation(read: Parse, index: int) -> bool:
    """A single quotation mark with a blank before it and none after."""
    if read.words[index] not in {"'", "‘"} or index + 1 >= len(read) or read.lower[index + 1] == "s":
        return False
    before = index == 0 or read.spans[index][0] > read.spans[index - 1][1]
    return before and read.spans[index + 1][0] == read.spans[index][1]


def pronouns(read: Parse, kept: Kept) -> Iterator[str]:
    """Every pronoun has somebody before it to refer to."""
    named = plural = person = single = False
    for at in range(len(read)):
        if not kept[at]:
            continue
        named_so = read.tags[at] == "NP" or _is_numeral(read, at)
        low, tag = "" if named_so else read.lower[at], read.tags[at]
        if low in _FIRST_PERSON and not read.quote_depth[at]:
            yield f"pronouns: {read.words[at]!r} has nobody to refer to"
        elif low in _FIRST_PERSON and not read.reports:
            yield f"pronouns: {read.words[at]!r} has no speaker"
        elif (
            (low in _PERSONAL and not person)
            or (low in _THIRD_PERSON and not (plural if low in _PLURAL else named) and not _is_expletive(read, at))
            or (low in _SINGULAR and not single and not _is_expletive(read, at))
            or _is_own_object(read, kept, at)
            or (
                (low in _DEMONSTRATIVE or (low in {"that", "that's"} and at == 0))
                and not named
                and read.calendar_end(at) == at
                and read.lower[at + 1 : at + 2] != ("who",)
            )
        ):
            yield f"pronouns: {read.words[at]!r} has nobody to refer to"
        if tag in {"NN", "NP", "NS", "PZ"}:
            named = True
            place = at > 0 and read.lower[at - 1] in {"in", "from", "at", "near", "into"}
            person = person or (tag in {"NP", "PZ"} and not place) or _is_person(read.lower[at])
            plural = plural or tag != "NN"
            single = single or tag != "NS"


def _is_numeral(read: Parse, at: int) -> bool:
    """The "I" of "World War I"."""
    after = read.tags[at + 1 : at + 2]
    return (
        read.words[at] == "I" and at > 0 and read.tags[at - 1] == "NP" and not (after and after[0] in VERBAL | {"RB"})
    )


def _is_own_object(read: Parse, kept: Kept, at: int) -> bool:
    """ "The bank would control it": an object that can't be the subject of its own verb, where nothing else stands before."""
    if (
        read.lower[at] not in {"it", "him", "her", "them"}
        or at < 2
        or read.tags[at - 1] not in {"VB", "VZ", "VD", "VN"}
    ):
        return False
    follows = read.tags[at + 1 : at + 2]
    if at in read.subject_start.values() or (follows and follows[0] in INSIDE_NP):
        return False  # "said it will close", "helped her party"
    verb = next((one for one in range(at - 1, -1, -1) if read.finite[one]), None)
    if verb is None or any(kept[one] and read.finite[one] for one in range(verb)):
        return False
    named = (kept[one] and read.tags[one] in {"NN", "NS", "NP", "PZ"} for one in range(verb, at))
    start = read.subject_start[verb]
    outside = (kept[one] and read.tags[one] in {"NN", "NS", "NP", "PZ"} for one in range(start))
    inside = [one for one in range(start, verb) if kept[one] and read.tags[one] in {"IN", "PZ", "CC"}]
    return not any(named) and not any(outside) and not inside


def _is_person(noun: str) -> bool:
    return noun in lexicon("names", "title") | lexicon("names", "person") or noun.endswith(
        ("er", "or", "man", "woman", "ist", "yst", "ian", "ant", "ee", "boy", "girl", "son")
    )


def _is_expletive(read: Parse, at: int) -> bool:
    """ "It is unlikely that …" refers to nothing."""
    return (
        read.lower[at] == "it"
        and read.tags[at + 1 : at + 2] == ("BE",)
        and any(tag in {"TH", "TO"} for tag in read.tags[at + 2 : at + 6])
    )


def agencies(read: Parse, kept: Kept) -> Iterator[str]:
    """No agency tag stays: "(Reuters)", or its name or a dateline before a dash."""
    if any(kept[: dateline_end(read)]):
        yield "agencies: a dateline"
    for at in range(len(read)):
        if kept[at] and read.lower[at] in lexicon("style", "agency"):
            around = (read.words[at - 1] if at else "", read.words[at + 1] if at + 1 < len(read) else "")
            if around[0] == "(" or around[1] in {"-", "--", "—", "–"}:
                yield f"agencies: {read.words[at]!r} is an agency tag"
