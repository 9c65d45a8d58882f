"""Shorter noun phrases: a person without title and first name, a company without its suffix, a noun without its colour."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Literal

from copydesk.configs.actors import actor_lexicon
from copydesk.models.collocations import collocations
from copydesk.models.lexicon import lexicon
from copydesk.models.phrases import Parse, Report
from copydesk.models.premodifiers import CHANGING_PREFIXES, changes_noun, is_superlative, premodifiers
from copydesk.models.sentence_words import VERBAL
from copydesk.models.tagger import Tagger

NounKind = Literal["modifier", "name", "owner", "ticker"]
NounDeletion = tuple[int, int, NounKind]
"""``(start, end, kind)``: a deletable token range."""

_PARTICLES = frozenset(
    {"de", "da", "di", "del", "der", "van", "von", "al", "el", "bin", "ben", "ibn", "la", "le", "dos", "du",
     "De", "Da", "Di", "Del", "Van", "Von", "Al", "El", "Bin", "La", "Le", "Dos", "Du"}
)  # fmt: skip
"""Small words inside a person's name."""
_PREMODIFYING = frozenset({"DT", "PS", "PZ", "JJ", "NN", "NP"})
_LONGEST_ACRONYM = 6
_LETTERS = re.compile(r"[A-Z]+\.[A-Z]\.?")
_GENERATIONS = frozenset({"jr.", "jr", "sr.", "sr", "ii", "iii", "iv"})
_COLOUR_SUFFIXES = (
    "ful",
    "ous",
    "ive",
    "ish",
    "ant",
    "ent",
    "ic",
    "ary",
    "ing",
    "ed",
    "y",
    "id",
    "long",
    "wide",
)
"""Endings that adjectives have and attributive nouns ("border clash") rarely do."""


_INTENSIFYING = frozenset({"most", "more", "less", "least", "much", "too", "very", "how"})
"""Words that go with the adjective after them: "much higher-than-expected profit"."""


def noun_deletions(read: Parse) -> Iterator[NounDeletion]:
    """Every deletion inside a noun phrase."""
    for rule in (_names, _suffixes, _acronyms, _adjectives, _owners, _sources, premodifiers):
        yield from rule(read)


@cache
def country_names() -> frozenset[str]:
    """Names of countries in lower case, those of one word."""
    return frozenset(country.name.casefold() for country in actor_lexicon().countries if " " not in country.name)


def _names(read: Parse) -> Iterator[NounDeletion]:
    """ "Canadian Finance Minister Jim Flaherty" is "Flaherty", "Jim Flaherty" or "Finance Minister Flaherty"; "chipmaker
    Intel" is "Intel"."""
    for index in range(read.body_end - 1):
        if read.quote_depth[index] or read.tags[index] not in {"NP", "NN", "NS", "JJ"}:
            continue
        if read.lower[index] in lexicon("names", "title"):
            yield from _shorter_person(read, index)
        elif (
            read.words[index].islower()
            and read.tags[index + 1] == "NP"
            and not read.words[index + 1].islower()
            and read.calendar_end(index + 1) == index + 1
        ):
            start = _np_start(read, index)
            if start == 1 and read.tags[0] == "VG":
                continue  # "Building materials group Norvik"
            if start > 1 and read.lower[start - 1] in {"of", "for"} and read.words[start - 2][0].isupper():
                continue
            if read.tags[index] == "JJ" and read.tags[start - 1] == "BE":
                continue  # "is optimistic Athens will"
            if read.lower[index].endswith("ing") and read.tags[index - 1] in VERBAL:
                continue  # "is considering listing Norvik"
            described = not any(changes_noun(word) or word.endswith("est") for word in read.lower[start : index + 1])
            if described and _stands_alone(read, start) and read.lower[index] not in lexicon("calendar", "unit"):
                yield start, index + 1, "name"


def _shorter_person(read: Parse, title: int) -> Iterator[NounDeletion]:
    title += read.lower[title + 1] == "general"  # "Attorney General Ada Moss"
    last = _name_end(read, title + 1)
    names = last - title - 1
    if not 1 <= names <= 4 or read.lower[last - 1] in _GENERATIONS or read.words[title + 1] in _PARTICLES:
        return
    if any(word in lexicon("names", "organisation") for word in read.lower[title + 1 : last]):
        return
    if read.tags[last : last + 1] in {("NN",), ("NS",)} and read.tags[last - 1] != "PZ":
        return
    if read.lower[title + 1] in lexicon("names", "family_first"):  # "Premier Wen Jiabao" is "Wen"
        if names == 2 and read.tags[last - 1] != "PZ":
            yield title + 2, last, "name"
            if _stands_alone(read, _np_start(read, title)):
                yield _np_start(read, title), title + 1, "name"
        return
    surname = next((at for at in range(title + 2, last) if read.words[at] in _PARTICLES), last - 1)
    start = _title_start(read, title)
    if surname > title + 1:
        yield title + 1, surname, "name"
    if start > 1 and read.lower[start - 1] == "of" and read.words[start - 2][0].isupper():
        return  # "Bank of Israel Governor Stanley Fischer"
    if title - start > 1 and read.lower[start - 1] == "and" and read.tags[start - 2] == "NP":
        return  # "Housing and Urban Development Secretary Ada Moss"
    if _stands_alone(read, start):
        yield start, surname, "name"
        if surname > title + 1:
            yield start, title + 1, "name"


def _name_end(read: Parse, index: int) -> int:
    at = index
    while at < read.body_end and read.lower[at] not in lexicon("names", "title"):
        particle = read.words[at] in _PARTICLES
        if not particle and (read.tags[at] not in {"NP", "PZ"} or not read.words[at][0].isupper()):
            break
        if is_ticker(read.words[at]):
            break
        at += 1
        if read.tags[at - 1] == "PZ":
            break
    return at


def _title_start(read: Parse, title: int) -> int:
    """Where a person's titles begin: "Vice Chairman and President Jim Press" has two."""
    start = _np_start(read, title)
    if start > 1 and read.lower[start - 1] == "and" and read.lower[start - 2] in lexicon("names", "title"):
        return _np_start(read, start - 2)
    return start


def _np_start(read: Parse, index: int) -> int:
    """Where the noun phrase around ``index`` begins; a bracket inside it, as after a company's name, is passed over."""
    start = index
    while start > 0:
        tag, word = read.tags[start - 1], read.words[start - 1]
        if tag in {"NN", "JJ"} and word.endswith("ing") and word != "governing":  # "governing council member"
            break
        if tag in {"NP", "JJ", "NN", "NS", "DT", "PZ", "PS"} or word == "&":
            start -= 1
        elif word == ")" and "(" in read.words[max(0, start - 6) : start]:
            start = max(at for at in range(max(0, start - 6), start) if read.words[at] == "(")
        else:
            break
    return start


def _stands_alone(read: Parse, start: int) -> bool:
    """Whether what begins here is a whole noun phrase, so that its head may stand for it."""
    if start > 1 and read.tags[start - 1] == "CC":
        return read.tags[start - 2] in {"NP", "PZ", "PU"}  # not "shipping and | oil group Maersk"
    return start == 0 or read.tags[start - 1] in {"PU", "TH", "IN", "CC", "SB", "TO"} | VERBAL


def _suffixes(read: Parse) -> Iterator[NounDeletion]:
    """ "Wal-Mart Stores Inc WMT.N" is "Wal-Mart Stores"."""
    for index in range(1, read.body_end):
        named = read.tags[index - 1] == "NP" or (
            read.words[index - 1] == "&" and index > 1 and read.tags[index - 2] == "NP"
        )
        if (
            not (named or (is_ticker(read.words[index]) and read.tags[index - 1] == "PZ"))
            or not read.words[index][0].isupper()
        ):
            continue
        listed = read.lower[index - 1] in lexicon("style", "company_suffix") and _LETTERS.fullmatch(read.words[index])
        if is_ticker(read.words[index]) or listed:  # "Ford Motor Co F.N."
            yield index, index + 1, "ticker"
        elif read.lower[index] in lexicon("style", "company_suffix"):
            yield index, index + 1, "name"
            if index > 1 and read.words[index - 1] == "&":  # "Merrill Lynch & Co"
                yield index - 1, index + 1, "name"


def _acronyms(read: Parse) -> Iterator[NounDeletion]:
    """ "The [Harbour Energy Agency (]HEA[)] said": a name whose initials stand in brackets after it."""
    for index in range(2, read.body_end - 2):
        start = acronym_start(read, index)
        if start is not None and not read.quote_depth[index]:
            yield start, index + 1, "name"
            yield index + 2, index + 3, "name"


def acronym_start(read: Parse, index: int) -> int | None:
    """Where the name begins whose initials stand alone in the brackets that open at a token; ``None`` if none does."""
    opened = read.words[index] == "(" and read.words[index + 2 : index + 3] == (")",)
    initials = read.words[index + 1] if opened else ""
    if not (2 <= len(initials) <= _LONGEST_ACRONYM and initials.isalpha() and initials.isupper()):
        return None
    start = index
    while initials and start > 0:
        start -= 1
        if read.words[start][0] == initials[-1]:
            initials = initials[:-1]
        elif read.lower[start] not in {"of", "for", "and", "the", "&"}:
            return None
    return None if initials else start


def is_ticker(word: str) -> bool:
    """ "WMT.N", "2330.TW": a share's code as agencies write it."""
    code, point, exchange = word.partition(".")
    return bool(point) and code.isalnum() and word.upper() == word and len(code) > 1 and 1 <= len(exchange) <= 2


def _adjectives(read: Parse) -> Iterator[NounDeletion]:
    """Adjectives that only add colour: "a [long-awaited] deal"."""
    for index in range(read.body_end - 1):
        low = read.lower[index]
        if (
            read.tags[index] != "JJ"
            or read.tags[index + 1] not in {"NN", "NS", "JJ"}
            or not (index == 0 or read.words[index].islower())
        ):
            continue
        before = read.tags[index - 1] if index else "PU"
        if index and (read.lower[index - 1] in _INTENSIFYING or before in {"NN", "NS"}):
            continue
        dated = any(begin <= index < read.calendar_end(begin) for begin in range(max(0, index - 3), index + 1))
        vague = read.lower[index + 1] in lexicon("style", "needs_modifier") | lexicon(
            "calendar", "units"
        )  # "recent months"
        # "its biggest bet ever", "the second largest lender", "the most-watched debate"
        superlative = is_superlative(low)
        denied = read.lower[index - 1] in lexicon("meaning", "negation") and index > 0  # "no small feat"
        hyphenated = index > 0 and read.words[index - 1] == "-"  # "U.S.-led talks"
        if hyphenated or dated or vague or superlative or denied or (low, read.lower[index + 1]) in collocations():
            continue
        adjectival = low.endswith(_COLOUR_SUFFIXES) or Tagger.load().leans(low, "JJ", "NN")
        colour = (
            adjectival and not low.startswith((*CHANGING_PREFIXES, "in", "im", "pre", "post", "half")) and low.isascii()
        )
        plain = not any(character.isdigit() for character in low) and not changes_noun(low)
        if colour and plain and before not in {"RB", "BE", "NG", "PZ", "CC", "CD"} and not read.quote_depth[index]:
            yield index, index + 1, "modifier"


def _owners(read: Parse) -> Iterator[NounDeletion]:
    """ "[the country's] finance minister", "[the government's] flood insurance programme": an owner before a described noun."""
    for index in range(read.body_end - 2):
        follows = read.tags[index + 1]
        national = read.lower[index].removesuffix("'s") in country_names() and follows == "NP"
        if read.tags[index] == "PZ" and national and not read.quote_depth[index] and _stands_alone(read, index):
            yield index, index + 1, "owner"  # "Japan's Toyota"
        if (
            read.tags[index] != "PZ"
            or read.quote_depth[index]
            or follows not in {"JJ", "NN"}
            or read.words[index + 1].endswith("est")
            or read.lower[index + 1] in {"worst", "best", "first", "last", "own"}
        ):
            continue
        if read.tags[index + 2] not in {"NN", "NS", "JJ"} or read.lower[index + 1] in lexicon("style", "needs_article"):
            continue
        start = index
        while (
            start > 0
            and read.tags[start - 1] in {"NP", "DT", "JJ", "NN", "PS"}
            and not read.words[start - 1].endswith("ing")
        ):
            start -= 1
        partitive = start > 1 and read.lower[start - 1] == "of" and read.tags[start - 2] in {"DT", "CD", "PR"}
        joined = start > 0 and read.tags[start - 1] == "CC"  # "Norvik and [Ada Moss's] joint bid"
        if _stands_alone(read, start) and read.calendar_end(start) == start and not partitive and not joined:
            yield start, index + 1, "owner"


def _sources(read: Parse) -> Iterator[NounDeletion]:
    """What describes a source before its cue: "a person [familiar with the matter] said"."""
    for report in read.reports:
        if report.content[0] == 0 and report.source[0] > report.cue:
            yield from _later_source(read, report)
        if report.content[0] != 0 or report.source[0] >= report.cue:
            continue
        last = report.cue - 1
        described = range(report.source[0], last)
        counted = read.tags[report.source[0]] == "CD" and read.tags[report.source[0] + 1] == "NS"
        if counted and report.source[0] + 2 <= report.cue:  # "[two] sources said"
            yield report.source[0], report.source[0] + 1, "owner"
        if described and read.tags[last] in {"NN", "NS"} and all(read.tags[at] in _PREMODIFYING for at in described):
            yield report.source[0], last, "owner"
        joined = next((at for at in range(report.source[0] + 1, last) if read.lower[at] == "and"), None)
        if joined and read.tags[joined - 1] == read.tags[last] == "NS" and read.lower[report.cue] in {"said", "say"}:
            yield report.source[0], joined + 1, "owner"  # "[defense officials and] national security sources say"
        for at in range(report.source[0] + 1, report.cue):
            if read.words[at] == ",":
                break
            loose = read.lower[at] in lexicon("attribution", "describing") or (
                read.tags[at] == "IN" and read.lower[at] != "of"
            )
            if loose and read.tags[at - 1] in {"NN", "NS", "JJ"}:
                yield at, report.cue, "modifier"
                break


def _later_source(read: Parse, report: Report) -> Iterator[NounDeletion]:
    """ "according to [unpublished diplomatic] cables", "said [U.S. congressional] investigators"."""
    start = report.source[0]
    last = next(
        (at for at in range(start, report.source[1]) if read.tags[at] in {"NN", "NS"} and _ends_noun(read, at)), start
    )
    described = range(start, last)
    if described and all(read.tags[at] in _PREMODIFYING and not changes_noun(read.lower[at]) for at in described):
        yield start, last, "owner"


def _ends_noun(read: Parse, index: int) -> bool:
    return read.tags[index + 1 : index + 2] not in {("NN",), ("NS",), ("NP",), ("PZ",), ("JJ",)}
