"""Who said what, by rule: cue verbs, quotation marks and the order in which journalists put source, cue and content.

The patterns are those of news English (see Pareti and others, 2013, "Automatically Detecting and Attributing Indirect
Quotations"): "X said that …", "“…,” said X", "…, X said", "according to X, …", "X accused Y of …", "A quoted X as saying …".
"""

from bisect import bisect_right
from dataclasses import dataclass, replace
from functools import cached_property

from copydesk.configs.attribution import attribution_lexicon
from copydesk.models.document import Document, Sentence
from copydesk.models.mentions import Token, tokens
from copydesk.models.schema import Span
from copydesk.models.suite import Attribution

_OPENING = {"“", '"', "„", "«"}
_CLOSING = {"”", '"', "»"}
_QUOTES = _OPENING | _CLOSING
_STOPS = {",", ";", ":", "—", "–", "(", ")", ".", "?", "!"} | _QUOTES
MAX_SUBJECT_TOKENS = 30
"""Tokens walked back from a verb for its subject, apposition included; longer ones are parsing errors more often than names."""
_FINITE_AUXILIARIES = frozenset(
    ("has", "have", "had", "was", "were", "is", "are", "will", "would", "could", "can", "should", "must", "did")
)
MAX_LINE_TOKENS = 400
"""Tokens of a sentence that are read together; the longest sentence in 400 training articles of PolNeAR has 222."""
_CLAUSE_WORDS = frozenset(("to", "that", "whether", "if", "how", "what", "why"))
_CLAUSE_SUBJECTS = frozenset(("about", "not", "he", "she", "they", "it"))
_DAYS = frozenset(("on", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"))
_APPOSITION_STARTS = frozenset(("the", "a", "an", "who", "head", "chief"))
_BE = frozenset(("was", "were", "been", "being", "be", "is", "are"))
_MEANS = frozenset(("in", "on", "at", "through", "via", "during"))
MAX_NAMED_TOKENS = 14
"""Tokens of the source after an inverted verb ("…," said X)."""
MAX_ADDRESSEE_TOKENS = 8
"""Tokens between "told" and its clause that may name whom."""
MAX_ADJUNCT_TOKENS = 12
"""Tokens of time, place or means between a verb of report and its clause."""


@dataclass(frozen=True, slots=True)
class _Cue:
    """A cue found in a sentence, as token numbers: ``start`` of its auxiliaries, ``verb``, ``end`` past its last word."""

    start: int
    verb: int
    end: int
    frames: frozenset[str]


@dataclass(frozen=True)
class _Line:
    """A sentence with its tokens, and which of them stand inside a quotation."""

    sentence: Sentence
    words: tuple[Token, ...]
    quoted: tuple[bool, ...]

    def span(self, start: int, end: int) -> Span:
        """Code points of tokens ``start`` to ``end`` (exclusive)."""
        return (self.words[start].start, self.words[end - 1].end)

    @cached_property
    def last(self) -> int:
        """Past the last token that is no closing full stop."""
        end = len(self.words)
        while end and self.words[end - 1].text in {".", "?", "!", ";"} and not self.quoted[end - 1]:
            end -= 1
        return end


class RuleAttributor:
    """Finds attributed statements by cue lexicon and word order. Needs no model; the same for every suite."""

    def attribute(self, document: Document) -> tuple[Attribution, ...]:
        """Every attribution, by where its content starts."""
        found: list[Attribution] = []
        before: Sentence | None = None
        for line in _lines(document):
            own = _read(line)
            if own:
                own = _with_open_quote(own, found, line)
                found.extend(own)
            elif all(line.quoted) and found and before and _reaches(found[-1], before):
                found[-1] = replace(found[-1], content=(*found[-1].content, line.sentence.span))
            elif all(line.quoted):
                found.append(Attribution(source=(), cue=(), content=(line.sentence.span,), score=0.5))
            before = line.sentence
        return tuple(sorted(found, key=lambda one: one.content[0]))


def quotations(document: Document) -> list[Span]:
    """The spans of direct speech, marks included. A quotation that a paragraph leaves open ends with the paragraph."""
    found: list[Span] = []
    opened: int | None = None
    paragraph = -1
    last_end = 0
    for sentence in document.sentences:
        if sentence.paragraph != paragraph:
            if opened is not None:
                found.append((opened, last_end))
            opened, paragraph = None, sentence.paragraph
        for offset, character in enumerate(sentence.text):
            at = sentence.start + offset
            if opened is None and character in _OPENING:
                opened = at
            elif opened is not None and character in _CLOSING:
                found.append((opened, at + 1))
                opened = None
        last_end = sentence.end
    if opened is not None:
        found.append((opened, last_end))
    return found


def _lines(document: Document) -> list[_Line]:
    speech = quotations(document)
    starts = [start for start, _ in speech]
    lines = []
    for sentence in document.sentences:
        words = tuple(tokens(sentence.text, sentence.start))
        quoted = []
        for word in words:
            at = bisect_right(starts, word.start) - 1
            quoted.append(at >= 0 and word.end <= speech[at][1])
        # A "sentence" of thousands of words is a table or a fault; in pieces it costs no more than its length.
        for at in range(0, len(words), MAX_LINE_TOKENS):
            lines.append(_Line(sentence, words[at : at + MAX_LINE_TOKENS], tuple(quoted[at : at + MAX_LINE_TOKENS])))
    return lines


def _reaches(attribution: Attribution, sentence: Sentence) -> bool:
    """Whether a statement has a part in a sentence, so that a quotation right after it goes on with it."""
    return any(end > sentence.start for _, end in (*attribution.content, *attribution.cue, *attribution.source))


def _with_open_quote(own: list[Attribution], found: list[Attribution], line: _Line) -> list[Attribution]:
    """Give the sourceless quoted sentences just before a "…," X said. to that statement."""
    first = own[0]
    while found and not found[-1].source and not found[-1].cue and first.content[0][0] < first.cue[0][0]:
        if line.sentence.start - found[-1].content[-1][1] > 2:
            break
        first = replace(first, content=(*found.pop().content, *first.content))
    return [first, *own[1:]]


def _read(line: _Line) -> list[Attribution]:
    """The attributions of one sentence, outer ones only."""
    cues = _cues(line)
    found = [one for cue in cues if (one := _statement_before(line, cue))][:1]
    done = _past(line, found[0]) if found else 0
    subject = found[0].source if found else ()
    for number, cue in enumerate(cues):
        if cue.start < done:
            continue
        following = next((one for one in cues[number + 1 :] if _coordinated(line, one)), None)
        limit = _before_coordination(line, following) if following else line.last
        one = _attribution(line, cue, limit, subject, done)
        if one is None:
            continue
        found.append(one)
        subject = one.source or subject
        done = _past(line, one)
    return found


def _past(line: _Line, one: Attribution) -> int:
    """The first token after an attribution."""
    reach = max(end for _, end in (*one.content, *one.cue, *one.source))
    return next((n for n, word in enumerate(line.words) if word.start >= reach), len(line.words))


def _statement_before(line: _Line, cue: _Cue) -> Attribution | None:
    """An attribution whose cue comes after what was said, from the sentence's start on; cues within that are inner ones."""
    if "relay" in cue.frames and (relayed := _relayed(line, cue, 0)):
        return relayed if relayed.content[0] < relayed.cue[0] else None
    if _follows_speech(line, cue, 0) and (inverted := _inverted(line, cue, 0)):
        return inverted
    first = _subject_start(line, cue.start, 0)
    if first < cue.start and not _coordinated(line, cue) and (trailing := _trailing(line, cue, first, 0)):
        return Attribution((line.span(first, cue.start),), (line.span(cue.start, cue.end),), (trailing,))
    return None


def _cues(line: _Line) -> list[_Cue]:
    """The cues outside quotations, ascending."""
    found: list[_Cue] = []
    at = 0
    while at < len(line.words):
        if line.quoted[at]:
            at += 1
            continue
        cue = _phrase_at(line, at) or _verb_at(line, at)
        if cue is not None:
            found.append(cue)
            at = cue.end
        else:
            at += 1
    return found


def _phrase_at(line: _Line, at: int) -> _Cue | None:
    for width in (4, 2, 1):
        words = " ".join(word.lower for word in line.words[at : at + width])
        if at + width <= len(line.words) and words in attribution_lexicon().phrases:
            return _Cue(at, at, at + width, frozenset({"phrase"}))
    return None


def _verb_at(line: _Line, at: int) -> _Cue | None:
    """The cue verb at a token, if it is used as one there."""
    lexicon = attribution_lexicon()
    for width in (4, 3, 2, 1):
        form = tuple(word.lower for word in line.words[at : at + width])
        frames = lexicon.verbs.get(form)
        if frames is None or len(form) < width:
            continue
        start = at
        while start and line.words[start - 1].lower in lexicon.auxiliaries and not line.quoted[start - 1]:
            start -= 1
        return _Cue(start, at, at + width, frames) if _is_verb(line, start, at, at + width) else None
    return None


def _is_verb(line: _Line, start: int, at: int, end: int) -> bool:
    """Tells "X claims that" from "the claims", and an active from a passive or a participle ("troops backed by")."""
    lexicon = attribution_lexicon()
    word = line.words[at].lower
    before = line.words[at - 1].lower if at else ""
    after = line.words[end].lower if end < len(line.words) else ""
    has_auxiliary = start < at
    if before in lexicon.noun_signs - lexicon.subject_pronouns and not has_auxiliary:
        return False
    passive = any(line.words[n].lower in _BE for n in range(start, at))
    if after == "by" or (passive and not word.endswith("ing")):
        return False
    if word.endswith(("ed", "ing", "s")) or word in lexicon.irregular_pasts:
        return at > 0 or word.endswith("ing")
    plural_subject = before.endswith("s") and before not in {"as", "its", "his"}
    return (has_auxiliary and before != "to") or before in lexicon.subject_pronouns or plural_subject


def _coordinated(line: _Line, cue: _Cue) -> bool:
    """Whether a later cue shares the subject: "… and called for", "…, saying"."""
    start = _before_means(line, cue.start)
    if not start:
        return False
    before = line.words[start - 1]
    participle = line.words[cue.verb].lower.endswith("ing") and before.text == ","
    return participle or before.lower in {"and", "but"}


def _before_means(line: _Line, at: int) -> int:
    """Back over the means between a conjunction and its verb: "and in a statement blamed"."""
    for width in (2, 3, 4):
        if (
            at - width > 0
            and line.words[at - width].lower in _MEANS
            and line.words[at - width - 1].lower in {"and", "but"}
        ):
            return at - width
    return at


def _before_coordination(line: _Line, cue: _Cue) -> int:
    end = _before_means(line, cue.start)
    while end and line.words[end - 1].lower in {"and", "but", ",", "while"}:
        end -= 1
    return end


def _attribution(line: _Line, cue: _Cue, limit: int, subject: tuple[Span, ...], done: int) -> Attribution | None:
    """The attribution of one cue, or None where no content fits it."""
    if "phrase" in cue.frames:
        return _according_to(line, cue, done)
    if "relay" in cue.frames and (relayed := _relayed(line, cue, done)):
        return relayed
    shares = _coordinated(line, cue)
    first = cue.start if shares else _subject_start(line, cue.start, done)
    source = (line.span(first, cue.start),) if first < cue.start else subject or _opening_subject(line, cue, shares)
    if not source and line.words[cue.verb].lower.endswith("ing"):
        return None
    begin = _content_start(line, cue, limit)
    if begin is None or begin >= limit:
        return None
    return Attribution(source, (line.span(cue.start, cue.end),), (line.span(begin, limit),))


def _opening_subject(line: _Line, cue: _Cue, shares: bool) -> tuple[Span, ...]:
    """The subject that opens the sentence, for a verb that shares it: "Reid voted on Saturday and said …"."""
    if not shares:
        return ()
    lexicon = attribution_lexicon()
    for at in range(1, min(cue.start, MAX_NAMED_TOKENS)):
        word = line.words[at].lower
        if line.words[at - 1].text in _STOPS or line.quoted[at - 1]:
            return ()
        if word in _FINITE_AUXILIARIES or word.endswith("ed") or word in lexicon.irregular_pasts:
            return (line.span(0, at),)
    return ()


def _follows_speech(line: _Line, cue: _Cue, done: int) -> bool:
    """Whether the cue comes right after a comma or closing mark that ends a statement: "…," said X."""
    before = cue.start - 1
    if before <= done or line.words[cue.verb].lower.endswith("ing"):
        return False
    if line.quoted[before]:
        return True
    names = line.words[cue.end : cue.end + 1]
    opens_name = bool(names) and (
        names[0].text[0].isupper() or names[0].lower in {"the", "a", "an", "his", "her", "its"}
    )
    return line.words[before].text == "," and "report" in cue.frames and "address" not in cue.frames and opens_name


def _inverted(line: _Line, cue: _Cue, done: int) -> Attribution | None:
    """The verb before its subject: "…," said X."""
    end = cue.end
    while (
        end < line.last
        and line.words[end].text not in _STOPS
        and line.words[end].lower not in {"on", "in", "at", "after", "who", "during", "as"}
    ):
        end += 1
    if end + 1 < line.last and line.words[end].text == "," and line.words[end + 1].lower in _APPOSITION_STARTS:
        closing = next((n for n in range(end + 1, line.last) if line.words[n].text in _STOPS), line.last)
        end = closing if closing - cue.end <= MAX_NAMED_TOKENS else end
    named = line.words[cue.end : end]
    if not named or len(named) > MAX_NAMED_TOKENS or any(word.lower in _FINITE_AUXILIARIES for word in named):
        return None
    content = [_trimmed(line, done, cue.start)]
    rest = end
    while rest < line.last and not line.quoted[rest]:
        rest += 1
    if rest < line.last:
        content.append(line.span(rest, _quote_end(line, rest)))
    return Attribution((line.span(cue.end, end),), (line.span(cue.start, cue.end),), tuple(content))


def _trailing(line: _Line, cue: _Cue, first: int, done: int) -> Span | None:
    """The statement before "…, X said." or None."""
    if first - done < 3 or not {"report", "address"} & cue.frames:
        return None
    before = first - 1
    if not (line.quoted[before] or line.words[before].text == ","):
        return None
    stops = (n for n in range(cue.end, line.last) if line.words[n].text in {",", ".", ":"} or line.quoted[n])
    rest = range(cue.end, min(next(stops, line.last), line.last))
    if len(rest) > MAX_ADJUNCT_TOKENS or any(line.words[n].lower in _CLAUSE_WORDS for n in rest):
        return None
    told = "address" in cue.frames
    if rest and not (told or line.words[rest.start].lower in attribution_lexicon().adjuncts):
        return None
    if line.quoted[before] or not any(line.quoted[n] for n in range(cue.end, line.last)):
        return _trimmed(line, done, first)
    return None


def _trimmed(line: _Line, start: int, end: int) -> Span:
    """A statement without leading conjunctions and without the comma before its cue, unless a quotation holds it."""
    while start < end and line.words[start].lower in {",", "and", "but", ";", "."} and not line.quoted[start]:
        start += 1
    while end > start + 1 and line.words[end - 1].text == "," and not line.quoted[end - 1]:
        end -= 1
    return line.span(min(start, end - 1), end)


def _subject_start(line: _Line, verb: int, done: int) -> int:
    """Walk back from the verb to where its subject starts; over an apposition between commas where there is one."""
    starts = attribution_lexicon().clause_starts
    at = verb
    if at > done and line.words[at - 1].text == "," and not line.quoted[at - 1]:
        opening = at - 2
        while opening > done and line.words[opening].text != ",":
            opening -= 1
        if opening <= done or verb - opening > MAX_SUBJECT_TOKENS or any(line.quoted[n] for n in range(opening, verb)):
            return verb
        at = opening
    while at > done and verb - at < MAX_SUBJECT_TOKENS:
        word = line.words[at - 1]
        if word.text == ")":
            bracket = next((n for n in range(at - 2, done - 1, -1) if line.words[n].text == "("), None)
            if bracket is None:
                break
            at = bracket
            continue
        if line.quoted[at - 1] or word.text in _STOPS:
            break
        if (
            word.lower == "and"
            and at < verb
            and line.words[at].text[0].isupper()
            and line.words[at - 2].text[0].isupper()
        ):
            at -= 1
            continue
        if word.lower in starts:
            return at - 1 if word.lower in {"who", "which"} and at == verb else at
        at -= 1
    return at


def _content_start(line: _Line, cue: _Cue, limit: int) -> int | None:
    """Where the statement after a cue starts: past whom it was told, and past time and place before "that" or a quotation."""
    at = cue.end
    if at >= limit:
        return None
    if {"report", "address"} & cue.frames:
        return _clause_start(line, cue, at, limit)
    follows = line.words[at].lower
    return at if "judge" in cue.frames or follows in _CLAUSE_WORDS else None


def _clause_start(line: _Line, cue: _Cue, at: int, limit: int) -> int:
    """The start of the clause after a verb of report: past the one told, the time and the place."""
    told = "address" in cue.frames
    adjunct = line.words[at].lower in attribution_lexicon().adjuncts or line.words[at].text in {",", ":"}
    reach = MAX_ADDRESSEE_TOKENS if told else MAX_ADJUNCT_TOKENS if adjunct else 0
    for n in range(at, min(at + reach, limit)):
        opens = line.words[n].lower == "that" or line.quoted[n]
        if opens or (told and n > at and line.words[n].lower in _CLAUSE_WORDS | _CLAUSE_SUBJECTS):
            return n
    while at < limit and (line.words[at].text in {",", ":"} or line.words[at].lower in _DAYS) and not line.quoted[at]:
        at += 1
    return at


def _according_to(line: _Line, cue: _Cue, done: int) -> Attribution | None:
    """Both orders: "According to X, …" and "…, according to X"."""
    end = cue.end
    while end < line.last and (line.words[end].text not in _STOPS - {"(", ")"} and not line.quoted[end]):
        end += 1
    if end == cue.end:
        return None
    leads = cue.start - done <= 1
    if leads:
        begin = end + 1 if end < line.last and line.words[end].text == "," else end
        if begin >= line.last:
            return None
        content = line.span(begin, line.last)
    else:
        content = _trimmed(line, done, cue.start)
    return Attribution((line.span(cue.end, end),), (line.span(cue.start, cue.end),), (content,))


def _relayed(line: _Line, cue: _Cue, done: int) -> Attribution | None:
    """Words carried by another: "Interfax quoted X as saying …" or "…, Interfax quoted X as saying": the source is X."""
    at = next(
        (
            n
            for n in range(cue.end, line.last - 1)
            if line.words[n].lower == "as" and line.words[n + 1].lower in {"saying", "telling"}
        ),
        None,
    )
    if at is None or at == cue.end:
        return None
    cue_spans = (line.span(cue.start, cue.end), line.span(at, at + 2))
    source = (line.span(cue.end, at),)
    if at + 2 < line.last:
        return Attribution(source, cue_spans, (line.span(at + 2, line.last),))
    first = _subject_start(line, cue.start, done)
    if first - done < 2:
        return None
    return Attribution(source, cue_spans, (_trimmed(line, done, first),))


def _quote_end(line: _Line, at: int) -> int:
    while at < len(line.words) and line.quoted[at]:
        at += 1
    return at
