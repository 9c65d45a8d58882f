"""Attribution as token tags, and back: the spans that a tagger learns, its windows, and who goes with which words.

The scheme is BIO over three roles, as in PolNeAR (Newell, Margolin and Ruths, 2018, "An Attribution Relations Corpus for
Political News"): the source, the cue and the content of each attributed statement. A tagger finds the spans; :func:`link`
joins them to attributions by where they stand, since journalists keep source, cue and content next to each other.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from copydesk.models.document import Sentence
from copydesk.models.schema import Span
from copydesk.models.suite import Attribution, Floats

Role = Literal["source", "cue", "content"]
TAGS: tuple[str, ...] = ("O", "B-source", "I-source", "B-cue", "I-cue", "B-content", "I-content")
"""Labels of the ``attribution`` token head, in the order of its columns."""

WINDOW_PIECES = 254
"""Word pieces of a window: 256, less the two special tokens."""
OVERLAP_PIECES = 64
"""Word pieces that two windows share at most, so that a quotation cut by one is whole in the other."""

_PRIORITY: dict[Role, int] = {"cue": 0, "source": 1, "content": 2}
_PRIOR = {"": 0.0, "source": 0.8, "cue": 0.8, "content": 0.3}
"""Added to the log probability of a role's tags when decoding: the tagger is shy. On PolNeAR's development part, with rules:
source overlap F1 .795 and attribution accuracy .735 at 0.5, 0.5 and 0; .804 and .753 as it is, better on both halves; .798 and
.762 at 1.2, 1.2 and 0.6."""
_INVERTED_GAP = 2
"""Characters from a cue to a source that follows it at once ("said Smith", "according to Smith")."""

_OWN_CUE_GAP = 12
"""Characters from a source to a cue that makes it that cue's subject ("Yerevan said", "Smith has also said")."""


@dataclass(frozen=True, slots=True)
class RoleSpan:
    """A stretch of text with its role in an attribution.

    :param start: First code point in the article's text.
    :param end: One past the last code point.
    :param role: source, cue or content.
    :param score: The tagger's mean probability over its tokens, 0 to 1.
    """

    start: int
    end: int
    role: Role
    score: float = 1.0

    @property
    def span(self) -> Span:
        """``(start, end)``."""
        return (self.start, self.end)


def tag_spans(attributions: Iterable[Attribution]) -> tuple[RoleSpan, ...]:
    """The spans of all attributions as one layer without overlaps, ascending.

    Where two roles claim the same words, the cue wins over the source and the source over the content, and the loser keeps
    what is left of it. A source that serves several cues comes once.
    """
    wanted = {
        RoleSpan(start, end, role)
        for one in attributions
        for role, spans in _roles(one)
        for start, end in spans
        if end > start
    }
    taken: list[RoleSpan] = []
    for span in sorted(wanted, key=lambda one: (_PRIORITY[one.role], one.start, one.end)):
        free = [span.span]
        for other in taken:
            free = [piece for part in free for piece in _without(part, other.span)]
        taken += [replace(span, start=start, end=end) for start, end in free]
    return tuple(sorted(taken, key=lambda one: one.start))


def _roles(attribution: Attribution) -> tuple[tuple[Role, tuple[Span, ...]], ...]:
    return (("source", attribution.source), ("cue", attribution.cue), ("content", attribution.content))


def token_tags(spans: Sequence[RoleSpan], offsets: Sequence[Span]) -> list[int]:
    """The index in :data:`TAGS` of each token.

    :param spans: Ascending, without overlaps (:func:`tag_spans`).
    :param offsets: Code points of each token, ascending; an empty offset (a special token) is ``O``.
    """
    starts = [one.start for one in spans]
    tags: list[int] = []
    previous = -1
    for start, end in offsets:
        at = bisect_right(starts, end - 1) - 1
        if end <= start or at < 0 or spans[at].end <= start:
            tags.append(0)
            previous = -1
            continue
        tags.append(TAGS.index(f"{'I' if at == previous else 'B'}-{spans[at].role}"))
        previous = at
    return tags


def windows(
    sentences: Sequence[Sentence],
    lengths: Sequence[int],
    *,
    limit: int = WINDOW_PIECES,
    overlap: int = OVERLAP_PIECES,
) -> list[tuple[int, int]]:
    """Cut an article into stretches of whole sentences that fit the tagger.

    A window starts at a sentence, at a paragraph's first one where it can, and shares up to ``overlap`` pieces with the one
    before. A sentence longer than ``limit`` gets a window of its own.

    :param sentences: The article's sentences.
    :param lengths: Word pieces of each.
    :returns: ``(first, last + 1)`` sentence numbers, covering every sentence.
    """
    found: list[tuple[int, int]] = []
    start = 0
    while start < len(sentences):
        end, total = start, 0
        while end < len(sentences) and (end == start or total + lengths[end] <= limit):
            total += lengths[end]
            end += 1
        found.append((start, end))
        if end == len(sentences):
            break
        back, shared = end, 0
        while back - 1 > start and shared + lengths[back - 1] <= overlap:
            back -= 1
            shared += lengths[back]
        opens = (n for n in range(back, end) if n == 0 or sentences[n].paragraph != sentences[n - 1].paragraph)
        start = next(opens, back)
    return found


def decode(offsets: Sequence[Span], probabilities: Floats) -> list[RoleSpan]:
    """The most probable well-formed tag sequence (Viterbi: no ``I`` without its ``B`` or ``I``), as spans.

    :param offsets: Code points of each token in the article.
    :param probabilities: Probability of each tag, shape (len(offsets), len(TAGS)).
    """
    if not len(offsets):
        return []
    logs = np.log(np.maximum(probabilities, 1e-9)) + np.array([_PRIOR[tag[2:]] for tag in TAGS])
    allowed = np.zeros((len(TAGS), len(TAGS)))
    for column, tag in enumerate(TAGS):
        if tag.startswith("I-"):
            allowed[
                [row for row, before in enumerate(TAGS) if before[2:] != tag[2:] or before == "O"], column
            ] = -np.inf
    best = logs[0] + allowed[0]
    back = np.zeros((len(offsets), len(TAGS)), dtype=np.int64)
    for step in range(1, len(offsets)):
        paths = best[:, None] + allowed
        back[step] = paths.argmax(axis=0)
        best = paths.max(axis=0) + logs[step]
    tags = [int(best.argmax())]
    for step in range(len(offsets) - 1, 0, -1):
        tags.append(int(back[step][tags[-1]]))
    tags.reverse()
    return _spans(tags, offsets, probabilities)


def link(spans: Sequence[RoleSpan], sentences: Sequence[Sentence]) -> tuple[Attribution, ...]:
    """Join spans to attributions: one per cue, and one without a cue for each content that no cue reaches.

    A cue takes the source that follows it at once ("said Smith"), else the last one before it in its sentence, else the next
    that is no other cue's subject.
    A content goes to the nearest cue of a sentence that it touches, else (a quotation that runs on) to the last cue before it.

    :param spans: Ascending, without overlaps.
    :param sentences: The article's sentences.
    """
    starts = [sentence.start for sentence in sentences]

    def sentence_of(position: int) -> int:
        return bisect_right(starts, position) - 1

    cues = [one for one in spans if one.role == "cue"]
    sources = [one for one in spans if one.role == "source"]
    homes = [sentence_of(cue.start) for cue in cues]
    source_of = [
        _source_of(cue, [one for one in sources if sentence_of(one.start) == home], cues)
        for cue, home in zip(cues, homes, strict=True)
    ]
    contents: list[list[RoleSpan]] = [[] for _ in cues]
    loose: list[RoleSpan] = []
    for content in (one for one in spans if one.role == "content"):
        touched = range(sentence_of(content.start), sentence_of(content.end - 1) + 1)
        near = [number for number, home in enumerate(homes) if home in touched]
        if near:
            contents[min(near, key=lambda n: _gap(content, cues[n], source_of[n]))].append(content)
        elif owner := _runs_on(content, cues, contents, homes, touched.start):
            owner.append(content)
        else:
            loose.append(content)
    joined = [
        Attribution(
            source=(source.span,) if source else (),
            cue=(cue.span,),
            content=tuple(one.span for one in own),
            score=float(np.mean([cue.score, *(one.score for one in own)])),
        )
        for cue, source, own in zip(cues, source_of, contents, strict=True)
        if own
    ]
    joined += [Attribution(source=(), cue=(), content=(one.span,), score=one.score) for one in loose]
    return tuple(sorted(joined, key=lambda one: one.content[0]))


def _runs_on(
    content: RoleSpan,
    cues: Sequence[RoleSpan],
    contents: list[list[RoleSpan]],
    homes: Sequence[int],
    sentence: int,
) -> list[RoleSpan] | None:
    """The contents of the last cue before ``content``, if that statement reaches up to the sentence just before it."""
    before = [number for number, cue in enumerate(cues) if cue.end <= content.start]
    if not before:
        return None
    own = contents[before[-1]]
    last_end = max([cues[before[-1]].end, *(one.end for one in own)])
    reaches = homes[before[-1]] >= sentence - 1 or content.start - last_end <= 4
    return own if reaches else None


def _source_of(cue: RoleSpan, sources: Sequence[RoleSpan], cues: Sequence[RoleSpan]) -> RoleSpan | None:
    before = [one for one in sources if one.end <= cue.start + 1]
    after = [one for one in sources if one.start >= cue.end - 1]
    if after and after[0].start - cue.end <= _INVERTED_GAP and not (before and cue.start - before[-1].end <= 1):
        return after[0]
    if before:
        return before[-1]
    taken = after and any(0 <= other.start - after[0].end <= _OWN_CUE_GAP for other in cues)
    return after[0] if after and not taken else None


def _gap(content: RoleSpan, cue: RoleSpan, source: RoleSpan | None) -> tuple[int, int]:
    """Characters between a content and the nearer edge of cue and source; ties go to the cue that stands before."""
    if content.start >= cue.end:
        between = source is not None and cue.end <= source.start and source.end <= content.start
        return (content.start - (source.end if source and between else cue.end), 0)
    between = source is not None and content.end <= source.start and source.end <= cue.start
    return (max(0, (source.start if source and between else cue.start) - content.end), 1)


def _spans(tags: Sequence[int], offsets: Sequence[Span], probabilities: Floats) -> list[RoleSpan]:
    found: list[RoleSpan] = []
    first = 0
    for step in range(len(tags) + 1):
        tag = TAGS[tags[step]] if step < len(tags) else "O"
        if tag.startswith("I-"):
            continue
        opened = TAGS[tags[first]] if first < len(tags) else "O"
        if step > first and opened != "O":
            score = float(np.mean([probabilities[n][tags[n]] for n in range(first, step)]))
            role: Role = "source" if opened[2:] == "source" else "cue" if opened[2:] == "cue" else "content"
            found.append(RoleSpan(offsets[first][0], offsets[step - 1][1], role, score))
        first = step
    return found


def _without(part: Span, taken: Span) -> list[Span]:
    """``part`` less ``taken``: none, one or two pieces."""
    if taken[1] <= part[0] or taken[0] >= part[1]:
        return [part]
    return [(a, b) for a, b in ((part[0], taken[0]), (taken[1], part[1])) if b > a]
