"""What a headline must never do, as checks of a headline against its article.

Each check looks at one sentence and at which of its tokens the headline keeps, and says what is wrong in words. The decoder
lets no headline pass that fails one; the tests and ``benchmarks/headlines.py`` run the same functions on finished headlines.
They don't look at how the deletions were found (:mod:`copydesk.models.deletions`), so that a mistake there does not excuse
itself here.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from copydesk.models.document import Document, Sentence
from copydesk.models.endings import PARTICLES, legal_end
from copydesk.models.lexicon import lexicon
from copydesk.models.phrases import INSIDE_NP, NOMINAL, VERBAL, Parse, parse, runs
from copydesk.models.schema import Headline
from copydesk.models.words import is_word

Kept = Sequence[bool]
Check = Callable[[Parse, Kept], Iterator[str]]

_NEGATIONS = lexicon("meaning", "negation")
_HEDGES = lexicon("meaning", "hedge")
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
_DEMONSTRATIVE = frozenset({"this", "these", "those", "such", "another"})
_EMPTY_WITHOUT = frozenset(
    {
        "elaborating",
        "elaboration",
        "citing",
        "naming",
        "identifying",
        "giving",
        "providing",
        "specifying",
        "saying",
        "comment",
    }
)
"""After a verb of saying, "without elaborating" takes nothing back: it says what the source left open."""
MIN_WORDS = 3
"""Fewer words are a label, not a statement."""


def violations(document: Document, headline: Headline) -> list[str]:
    """Everything that is wrong with a headline; empty if nothing is.

    :param document: The article that it was made from.
    :param headline: With spans into the article's text.
    """
    found = list(_outside(document, headline))
    sentences = [
        s for s in document.sentences if any(s.start <= start and end <= s.end for start, end in headline.spans)
    ]
    if len(sentences) != 1:
        return [*found, f"spans: the words come from {len(sentences)} sentences, not from one"]
    read = parse(sentences[0].text)
    return [*found, *sentence_violations(read, kept_tokens(read, sentences[0], headline))]


def kept_tokens(read: Parse, sentence: Sentence, headline: Headline) -> list[bool]:
    """Which tokens of the sentence stand in the headline's spans."""
    return [
        any(start <= sentence.start + left and sentence.start + right <= end for start, end in headline.spans)
        for left, right in read.spans
    ]


def sentence_violations(read: Parse, kept: Kept) -> list[str]:
    """Everything that is wrong with keeping just these tokens of a sentence."""
    return [problem for check in CHECKS for problem in check(read, kept)]


def is_allowed(read: Parse, kept: Kept) -> bool:
    """Whether no check finds anything; stops at the first that does."""
    return next((False for check in CHECKS for _ in check(read, kept)), True)


def _outside(document: Document, headline: Headline) -> Iterator[str]:
    """Words that the article has not, spans out of order or inside what is no prose."""
    if any(not (0 <= start < end <= len(document.text)) for start, end in headline.spans) or not headline.spans:
        yield "spans: empty or outside the text"
        return
    if any(end > start for (_, end), (start, _) in pairwise(headline.spans)):
        yield "spans: not ascending"
    for mark in document.marks:
        if any(start < mark.end and mark.start < end for start, end in headline.spans):
            yield f"marks: words of a {mark.kind}"
    spanned = " ".join(document.text[start:end] for start, end in headline.spans)
    if _letters(spanned) != _letters(headline.text):
        yield "words: the headline's words are not those of its spans"


def _letters(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())


# The checks, one for each kind of damage.


def negation(read: Parse, kept: Kept) -> Iterator[str]:
    """A negation goes only together with the verb or noun that it turns round."""
    for start, end in runs(kept):
        for index in range(start, end):
            if not _is_negation(read, index):
                continue
            target = _negated(read, index)
            if target is not None and kept[target]:
                yield f"negation: {read.words[index]!r} is dropped, {read.words[target]!r} is kept"
    for index in range(len(read) - 1):
        if kept[index] and read.lower[index] == "not" and read.lower[index + 1] in {"only", "just"}:
            other = next((at for at in range(index, len(read)) if read.lower[at] == "but"), None)
            if other is not None and not kept[other]:
                yield "negation: 'not only' without its 'but'"


def _is_negation(read: Parse, index: int) -> bool:
    low = read.lower[index]
    return low in _NEGATIONS or low.endswith("n't") or low in lexicon("meaning", "negative_stem")


def _negated(read: Parse, index: int) -> int | None:  # noqa: PLR0911 - one rule per kind of negation
    """The word that stands or falls with the negation at ``index``."""
    low, count = read.lower[index], len(read)
    if low in {"not", "never", "n't", "hardly", "barely", "scarcely", "rarely", "seldom"} or low.endswith("n't"):
        ahead = next(
            (
                at
                for at in range(index + 1, min(count, index + 6))
                if read.tags[at] in VERBAL - {"HV", "BE", "DO", "MD"}
            ),
            None,
        )
        behind = next(
            (at for at in range(index - 1, max(-1, index - 4), -1) if read.tags[at] in {"BE", "MD", "HV", "DO"}), None
        )
        if (
            ahead is not None
            and behind is not None
            and read.tags[behind] == "BE"
            and read.tags[ahead] in {"VB", "VZ", "VD"}
        ):
            return index + 1
        return ahead if ahead is not None else behind if behind is not None else min(index + 1, count - 1)
    if low in {"without", "unless", "except", "against", "nor"}:
        if low == "without" and read.lower[index + 1 : index + 2] and read.lower[index + 1] in _EMPTY_WITHOUT:
            return None
        if low == "without" and _after_saying(read, index):
            return None
        return _governing_verb(read, index)
    if low in lexicon("meaning", "negative_stem"):
        return _complement(read, index)
    if low in {"no", "neither", "zero", "non", "few", "little", "none", "nobody", "nothing"}:
        inside = next(
            (at for at in range(index + 1, min(count, index + 5)) if read.tags[at] in {"NN", "NS", "NP"}), None
        )
        if inside is not None and low not in {"none", "nobody", "nothing"}:
            return inside
        return _verb_after(read, index)
    return index + 1 if index + 1 < count else None


def _after_saying(read: Parse, index: int) -> bool:
    """ ", said the spokesman, without giving a date": it is the telling that lacks something."""
    at = index - 1
    while at >= 0 and read.words[at] != ",":
        at -= 1
    return at > 0 and read.lower[at - 1] in lexicon("attribution", "tail_verb")


def _governing_verb(read: Parse, index: int) -> int | None:
    if read.lower[index] == "against" and read.tags[index - 1] in NOMINAL - {"CD"} and not _ends_date(read, index):
        return index - 1
    for at in range(index - 1, -1, -1):
        if read.tags[at] in VERBAL - {"MD", "HV", "DO"}:
            return at
        if read.tags[at] in {"SB", "RL"}:
            return at
    return None


def _ends_date(read: Parse, index: int) -> bool:
    return any(at < index == read.calendar_end(at) for at in range(max(0, index - 5), index))


def _complement(read: Parse, index: int) -> int | None:
    """What a verb like "fail" or "deny" turns round: its infinitive, its participle or the noun after it."""
    if read.tags[index] not in VERBAL and read.tags[index + 1 : index + 2] != ("TO",):
        return index + 1 if index + 1 < len(read) and read.tags[index + 1] in NOMINAL | {"JJ"} else None
    for at in range(index + 1, min(len(read), index + 7)):
        if read.tags[at] in {"VB", "VG", "NN", "NS", "NP"}:
            return at
        if read.tags[at] in {"SB", "RL", "PU"}:
            return None
    return None


def _verb_after(read: Parse, index: int) -> int | None:
    return next((at for at in range(index + 1, min(len(read), index + 6)) if read.finite[at]), None)


def attribution(read: Parse, kept: Kept) -> Iterator[str]:
    """A statement that somebody makes stays theirs: source and cue are kept while any verb of the statement is."""
    for report in read.reports:
        content = [at for at in range(*report.content) if read.finite[at] and kept[at]]
        if report.content[0] > report.cue:
            content = [at for at in content if not _starts_new_statement(read, report.cue, at)]
        if not content:
            continue
        source = [at for at in range(*report.source) if read.tags[at] in NOMINAL | {"PR", "JJ"}]
        if not kept[report.cue]:
            yield f"attribution: {read.words[report.cue]!r} is dropped from a statement"
        elif source and not any(kept[at] for at in source):
            yield f"attribution: the source of {read.words[report.cue]!r} is dropped"


def _starts_new_statement(read: Parse, cue: int, verb: int) -> bool:
    """Whether a conjunction with a subject of its own, after a comma, ends what the cue governs."""
    return any(
        read.tags[at] == "CC"
        and read.words[at - 1] in {",", ";"}
        and read.subject_start.get(verb, verb) == at + 1 < verb
        for at in range(cue + 1, verb)
    )


def numbers(read: Parse, kept: Kept) -> Iterator[str]:
    """A number keeps its noun or unit, its range and what makes it approximate."""
    for index in range(len(read)):
        if read.tags[index] != "CD":
            continue
        if not kept[index]:
            yield from _number_left_behind(read, kept, index)
            continue
        head = _counted(read, index)
        if head is not None and not kept[head]:
            yield f"numbers: {read.words[index]!r} without {read.words[head]!r}"
        for at in _approximation(read, index):
            if not kept[at]:
                yield f"numbers: {read.words[index]!r} without {read.words[at]!r}"
        for at in _range_partner(read, index):
            if not kept[at]:
                yield f"numbers: the range of {read.words[index]!r} is cut"


def _number_left_behind(read: Parse, kept: Kept, index: int) -> Iterator[str]:
    """A dropped number whose unit or noun directly after it is kept: "2 million" is not "million"."""
    if (
        index + 1 < len(read)
        and kept[index + 1]
        and read.tags[index + 1] in {"CD", "NN", "NS", "JJ"}
        and read.calendar_end(index) == index
    ):
        yield f"numbers: {read.words[index + 1]!r} without {read.words[index]!r}"


def _counted(read: Parse, index: int) -> int | None:
    """The noun that a number counts, or the rest of the amount: "5 billion dollars", "15 of its soldiers"."""
    if (
        read.lower[index].endswith("%")
        or read.calendar_end(index) > index
        or (index and read.calendar_end(index - 1) > index)
    ):
        return index + 1 if read.tags[index + 1 : index + 2] == ("CD",) else None
    if read.lower[index + 1 : index + 3] == ("per", "cent"):
        return index + 2
    at, last = index + 1, None
    while at < len(read):
        if read.tags[at] in {"NN", "NS", "CD"}:
            last = at
        elif read.tags[at] in {"JJ", "NP", "VN", "VG"}:
            last = at if read.tags[at] == "NP" else last
        elif not (read.lower[at] == "of" and at == index + 1) and not (
            read.tags[at] in {"DT", "PS"} and read.lower[at - 1] == "of"
        ):
            break
        if read.tags[at] in {"NN", "NS"} and (at + 1 >= len(read) or read.tags[at + 1] not in {"NN", "NS"}):
            break
        at += 1
    return last


def _approximation(read: Parse, index: int) -> list[int]:
    """The tokens of "at least", "up to", "more than" and the like right before a number."""
    known = lexicon("meaning", "number_hedge")
    start = index
    while start > 0 and read.lower[start - 1] in {"a", "an", "the"}:
        start -= 1
    for length in (4, 3, 2, 1):
        begin = start - length
        if begin >= 0 and " ".join(read.lower[begin:start]) in known:
            return list(range(begin, start))
    return []


def _range_partner(read: Parse, index: int) -> list[int]:
    """The other end of "5 to 10" and "between 5 and 10"."""
    if (
        read.lower[index + 1 : index + 2]
        and read.lower[index + 1] in {"to", "or", "-", "–"}
        and read.tags[index + 2 : index + 3] == ("CD",)
    ):
        return [index + 1, index + 2]
    opener = next(
        (at for at in range(index - 1, max(-1, index - 3), -1) if read.lower[at] in {"between", "from"}), None
    )
    if opener is None:
        return []
    link = "and" if read.lower[opener] == "between" else "to"
    partner = next(
        (
            at
            for at in range(index + 1, min(len(read) - 1, index + 7))
            if read.lower[at] == link and read.tags[at + 1] == "CD"
        ),
        None,
    )
    return [] if partner is None else [opener, partner, partner + 1]


def hedges(read: Parse, kept: Kept) -> Iterator[str]:
    """ "Alleged", "likely", "may" go only together with what they weaken."""
    for start, end in runs(kept):
        for index in range(start, end):
            if read.lower[index] not in _HEDGES:
                continue
            if read.tags[index] in {"IN", "SB"} or read.tags[index] == "NP":
                continue
            weakened = next(
                (at for at in range(index + 1, min(len(read), index + 4)) if read.tags[at] not in {"RB", "DT"}), None
            )
            if weakened is not None and read.tags[weakened] == "PU":
                weakened = None
            if weakened is not None and kept[weakened] and weakened >= end:
                yield f"hedges: {read.words[index]!r} is dropped, {read.words[weakened]!r} is kept"
            elif end - start == 1 and read.tags[index] in {"RB", "JJ", "MD"}:
                yield f"hedges: {read.words[index]!r} is dropped"
    for index in range(1, len(read)):
        if (
            read.lower[index] in {"if", "unless", "whether"}
            and not kept[index]
            and index + 1 < len(read)
            and kept[index + 1]
        ):
            yield f"hedges: the condition {read.words[index]!r} is dropped"


def verbs(read: Parse, kept: Kept) -> Iterator[str]:
    """No subject is joined to another verb's object: a verb and its subject stay, or go, together."""
    opening = _opening_clause(read)
    stated = [at for at in range(len(read)) if read.finite[at] and at not in opening]
    if not any(kept[at] or (_is_perfect(read, at) and kept[at + 1]) for at in stated):
        yield "verbs: the verb of the main statement is dropped"
    for verb, start in read.subject_start.items():
        subject = [at for at in range(start, verb) if read.tags[at] in INSIDE_NP]
        heads = _head_tokens(read, start, verb) or subject
        if kept[verb] and subject and not any(kept[at] for at in heads):
            yield f"verbs: {read.words[verb]!r} without its subject"
        if not kept[verb] and heads and kept[heads[-1]] and not _is_perfect(read, verb):
            yield f"verbs: {read.words[heads[-1]]!r} without its verb {read.words[verb]!r}"
        if (
            kept[verb]
            and not subject
            and verb
            and read.tags[verb] != "PR"
            and not kept[verb - 1]
            and read.tags[verb - 1] in {"RL", "TH", "CC", "SB"}
        ):
            yield f"verbs: {read.words[verb]!r} is torn from its clause"


def _opening_clause(read: Parse) -> range:
    """The tokens of a subordinate clause that opens the sentence: "Although it rained, …"."""
    begin = read.words.index(")") + 1 if read.words[:1] == ("(",) and ")" in read.words[:8] else 0
    begin += read.tags[begin : begin + 1] == ("CC",)
    if read.tags[begin : begin + 1] != ("SB",):
        return range(0)
    comma = next((at for at in range(1, len(read)) if read.words[at] == "," and not read.quote_depth[at]), len(read))
    return range(comma)


def _head_tokens(read: Parse, start: int, verb: int) -> list[int]:
    """The first noun phrase of a subject without what hangs on it; a bracket in it, as after a company's name, is skipped."""
    tokens: list[int] = []
    at = start
    while at < verb:
        if read.words[at] == "(":
            at = next((close for close in range(at, verb) if read.words[close] == ")"), at)
        elif read.tags[at] in {"IN", "PU", "VG", "VN", "VD"} and tokens:
            break
        elif read.tags[at] in {"NN", "NS", "NP", "CD", "PR", "JJ", "PZ"}:
            tokens.append(at)
        at += 1
    return tokens


def _is_perfect(read: Parse, verb: int) -> bool:
    """ "has signed" may become "signed"."""
    return (
        read.tags[verb] == "HV"
        and read.tags[verb + 1 : verb + 2] == ("VN",)
        and (read.lower[verb + 1].endswith("ed") or read.lower[verb + 1] in lexicon("verbs", "same_past"))
    )


def ends(read: Parse, kept: Kept) -> Iterator[str]:
    """It begins with a phrase and ends with one: no dangling function word, no sentence cut in mid-phrase."""
    indices = [at for at in range(len(read)) if kept[at]]
    words = [at for at in indices if is_word(read.words[at])]
    if len(words) < MIN_WORDS:
        yield "ends: too few words"
        return
    first, last = indices[0], indices[-1]
    if read.tags[first] in {"CC", "PU", "RL"} and read.words[first] not in {'"', "“", "``", "‘"}:
        yield f"ends: begins with {read.words[first]!r}"
    cut = next((at for at in range(last + 1, len(read)) if at >= last + 1), len(read))
    if not legal_end(read, last, cut):
        yield f"ends: stops after {read.words[last]!r}"
    for left, right in pairwise(indices):
        if (
            right > left + 1
            and read.tags[left] in {"DT", "PS", "PZ"}
            and read.tags[right] not in INSIDE_NP | {"VN", "VG", "RB"}
        ):
            yield f"ends: {read.words[left]!r} without its noun"
        if (
            right > left + 1
            and read.tags[left] in {"IN", "TO", "CC"}
            and not _is_particle(read, left)
            and read.tags[right] in {"PU", "IN", "SB", "CC", "RL"}
        ):
            yield f"ends: {read.words[left]!r} dangles"


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


def pronouns(read: Parse, kept: Kept) -> Iterator[str]:
    """Every pronoun has somebody before it to refer to."""
    named = plural = person = False
    for at in range(len(read)):
        if not kept[at]:
            continue
        low, tag = read.lower[at] if read.tags[at] != "NP" else "", read.tags[at]
        if low in _FIRST_PERSON and not read.quote_depth[at]:
            yield f"pronouns: {read.words[at]!r} has nobody to refer to"
        elif low in _FIRST_PERSON and not read.reports:
            yield f"pronouns: {read.words[at]!r} has no speaker"
        elif (
            (low in _PERSONAL and not person)
            or (low in _THIRD_PERSON and not (plural if low in _PLURAL else named) and not _is_expletive(read, at))
            or (
                (low in _DEMONSTRATIVE or (low == "that" and at == 0))
                and not named
                and read.calendar_end(at) == at
                and read.lower[at + 1 : at + 2] != ("who",)
            )
        ):
            yield f"pronouns: {read.words[at]!r} has nobody to refer to"
        if tag in {"NN", "NP", "NS", "PZ"}:
            named = True
            person = person or tag in {"NP", "PZ"} or _is_person(read.lower[at])
            plural = plural or tag != "NN"


def _is_person(noun: str) -> bool:
    return noun in lexicon("names", "title") or noun.endswith(
        ("er", "or", "man", "woman", "ist", "ian", "ant", "ee", "boy", "girl", "son")
    )


def _is_expletive(read: Parse, at: int) -> bool:
    """ "It is unlikely that …" refers to nothing."""
    return (
        read.lower[at] == "it"
        and read.tags[at + 1 : at + 2] == ("BE",)
        and any(tag in {"TH", "TO"} for tag in read.tags[at + 2 : at + 6])
    )


def agencies(read: Parse, kept: Kept) -> Iterator[str]:
    """No agency tag stays: "(Reuters)", or its name before a dash."""
    for at in range(len(read)):
        if kept[at] and read.lower[at] in lexicon("style", "agency"):
            around = (read.words[at - 1] if at else "", read.words[at + 1] if at + 1 < len(read) else "")
            if around[0] == "(" or around[1] in {"-", "--", "—", "–"}:
                yield f"agencies: {read.words[at]!r} is an agency tag"


CHECKS: tuple[Check, ...] = (negation, attribution, numbers, hedges, verbs, ends, brackets, pronouns, agencies)
"""In the order in which the issue names the damage."""
