"""Who said what, by a trained tagger: the ``attribution`` head finds the spans, their places say what belongs together."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np

from copydesk.models.attribution_tags import WINDOW_PIECES, RoleSpan, decode, link, windows
from copydesk.models.document import Document
from copydesk.models.reader import TokenLogits, softmax
from copydesk.models.schema import Span
from copydesk.models.suite import Attribution, Attributor, Floats

RELATIVE_CHARS = 80
"""Characters before a name in which the relative clause that it ends is looked for."""
_RELATIVE_BEFORE = re.compile(
    r"(?<![\w’'-])([A-Z][\w’'-]{0,30}(?: [A-Z][\w’'-]{0,30}){0,4}), (?:which|who)(?: [a-z-]{1,20}){1,4} \Z"
)
"""A name, and the relative clause about it up to the name that it ends with."""


class TokenReader(Protocol):
    """What the tagger needs of a :class:`~copydesk.models.reader.Reader`."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Word pieces of each text."""
        ...

    def token_logits(self, head: str, texts: Sequence[str], *, window: int | None = None) -> list[TokenLogits]:
        """Logits for every word piece of each text."""
        ...


class TokenAttributor:
    """An :class:`~copydesk.models.suite.Attributor` over the ``attribution`` token head.

    The article is read in overlapping windows of whole sentences; a word piece that stands in two is taken from the one in which
    it has more context.

    :param reader: A loaded reader with the head.
    """

    def __init__(self, reader: TokenReader) -> None:
        self._reader = reader

    def attribute(self, document: Document) -> tuple[Attribution, ...]:
        """Every attribution, by where its content starts."""
        return link(self.spans(document), document.sentences)

    def spans(self, document: Document) -> list[RoleSpan]:
        """The spans of sources, cues and contents, ascending, before they are joined."""
        sentences = document.sentences
        lengths = self._reader.count_tokens([sentence.text for sentence in sentences])
        places = [(sentences[first].start, sentences[last - 1].end) for first, last in windows(sentences, lengths)]
        texts = [document.text[start:end] for start, end in places]
        answers = self._reader.token_logits("attribution", texts, window=WINDOW_PIECES + 2)
        offsets, probabilities = _merged([start for start, _ in places], answers)
        prose = [n for n, span in enumerate(offsets) if _in_prose(span, document)]
        return [_whole_words(one, document.text) for one in decode([offsets[n] for n in prose], probabilities[prose])]


class HelpedAttributor:
    """A trained attributor, helped by rules where they measure better (``benchmarks/attribution.py``).

    Rules give the statements that the tagger found no part of, the source where it found none, and those carried by a third
    party ("Interfax quoted X as saying"), whose two-part cue the tagger breaks up. A content for which the tagger found neither
    source nor cue gives way to a statement of the rules that has both. Last, a cue whose source is only the name beside it gets
    its own subject, which may be the source of what the other one found.

    :param tagger: The trained attributor.
    :param rules: The rules.
    """

    def __init__(self, tagger: Attributor, rules: Attributor) -> None:
        self._tagger = tagger
        self._rules = rules

    def attribute(self, document: Document) -> tuple[Attribution, ...]:
        """Every attribution, by where its content starts."""
        ruled = self._rules.attribute(document)
        carried = [one for one in ruled if len(one.cue) > 1]
        by_carrier = _Touched(document.text, carried)
        cued = _Touched(document.text, [one for one in ruled if one.cue and one.source])
        tagged = [
            one
            for one in self._tagger.attribute(document)
            if one not in by_carrier and not (not one.source and not one.cue and one in cued)
        ]
        told = _Touched(document.text, tagged)
        rest = [one for one in ruled if len(one.cue) <= 1 and one not in told]
        source_at = {place: one.source for one in ruled for start, end in one.cue for place in range(start, end)}
        sourced = [one if one.source else replace(one, source=_source_by(one, source_at)) for one in tagged]
        every = sorted([*carried, *sourced, *rest], key=lambda one: one.content[0])
        return tuple(_with_own_subject(one, every, document.text) for one in every)


class _Touched:
    """The characters that some attributions' cues and contents take; another is ``in`` it if it shares one."""

    def __init__(self, text: str, attributions: Sequence[Attribution]) -> None:
        self._taken = bytearray(len(text))
        for one in attributions:
            for start, end in (*one.cue, *one.content):
                self._taken[start:end] = b"\1" * (end - start)

    def __contains__(self, attribution: Attribution) -> bool:
        return any(any(self._taken[start:end]) for start, end in (*attribution.cue, *attribution.content))


def _source_by(attribution: Attribution, source_at: Mapping[int, tuple[Span, ...]]) -> tuple[Span, ...]:
    """The source that the rules give to the same cue."""
    places = (place for start, end in attribution.cue for place in range(start, end))
    return next((source_at[place] for place in places if place in source_at), ())


def _with_own_subject(attribution: Attribution, others: Sequence[Attribution], text: str) -> Attribution:
    """The attribution with the subject of its cue as source, where the tagger took the name that stands nearest.

    In "China criticised Japan and warned Vietnam" it is who criticised that warned, in "Russia, which backs Belarus, condemned
    Canada" what the relative clause is about.
    """
    if len(attribution.source) != 1 or not attribution.cue:
        return attribution
    start, end = attribution.source[0]
    between = text[end : attribution.cue[0][0]].strip()
    if between == "and":
        cues = ((one.source, one.cue[-1][1]) for one in others if one.source and one.cue)
        subject = next((source for source, cue in cues if start - 2 <= cue < start and text[cue:start].isspace()), None)
        return replace(attribution, source=subject) if subject else attribution
    if between == "," and (clause := _RELATIVE_BEFORE.search(text, max(0, start - RELATIVE_CHARS), start)):
        return replace(attribution, source=(clause.span(1),))
    return attribution


def _whole_words(span: RoleSpan, text: str) -> RoleSpan:
    """The span widened to the words that its word pieces are cut from."""
    start, end = span.start, span.end
    while start > 0 and text[start].isalnum() and text[start - 1].isalnum():
        start -= 1
    while end < len(text) and text[end - 1].isalnum() and text[end].isalnum():
        end += 1
    return replace(span, start=start, end=end)


def _merged(starts: Sequence[int], answers: Sequence[TokenLogits]) -> tuple[list[Span], Floats]:
    """The windows' word pieces as one sequence with the article's offsets."""
    best: dict[Span, tuple[int, Floats]] = {}
    for start, answer in zip(starts, answers, strict=True):
        count = len(answer.offsets)
        for place, (first, last) in enumerate(answer.offsets.tolist()):
            span = (start + first, start + last)
            room = min(place, count - 1 - place)
            if span not in best or room > best[span][0]:
                best[span] = (room, answer.logits[place])
    spans = sorted(best)
    if not spans:
        return [], np.zeros((0, 0), dtype=np.float32)
    return spans, softmax(np.stack([best[span][1] for span in spans]))


def _in_prose(span: Span, document: Document) -> bool:
    """Whether a word piece lies in a sentence: captions and other marks inside a window are not read."""
    return not any(mark.start <= span[0] < mark.end for mark in document.marks)
