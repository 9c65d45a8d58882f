"""Loaded words: how an outlet's own prose judges an actor where a plain word would do ("the puppet government of …")."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from copydesk.configs.polarity import polarity_lexicon
from copydesk.models.attribution import quotations
from copydesk.models.mentions import Token, tokens
from copydesk.models.schema import Polarity, Span
from copydesk.models.statements import Account

LOADED_REACH = 2
"""Words between a loaded word and the actor that it judges: "the brutal Assad regime", "so-called Donetsk republic"."""


@dataclass(frozen=True, slots=True)
class LoadedWord:
    """A loaded word of the outlet's own.

    :param span: The word.
    :param sentence: The sentence that it stands in.
    :param view: What it shows; neutral for words that set two sides against each other without blaming one.
    """

    span: Span
    sentence: Span
    view: Polarity


def loaded_words(account: Account, targets: Sequence[Span]) -> Iterator[LoadedWord]:
    """The loaded words beside a target, outside quotation marks and outside what the article attributes to others.

    Words like "arch-foes" belong to the narrator even in a report of what somebody said, so for them only quotation marks count.

    :param targets: Where the target is named, references to both sides included.
    """
    speech = quotations(account.document)
    for sentence, inside in account.sentences_with(targets):
        words = tokens(sentence.text, sentence.start)
        for start, end, view in _found(words):
            span = (words[start].start, words[end - 1].end)
            if _inside(span, speech):
                continue
            if view == "neutral" or (not account.attributed_to(span) and _beside(words, start, end, inside)):
                yield LoadedWord(span, sentence.span, view)


def _found(words: Sequence[Token]) -> Iterator[tuple[int, int, Polarity]]:
    """Loaded words as token ranges; a compound like "arch-foes" is three tokens."""
    lexicon = polarity_lexicon()
    views: tuple[tuple[Polarity, frozenset[str]], ...] = (
        ("neutral", lexicon.loaded_both),
        ("against", lexicon.loaded_against),
        ("favour", lexicon.loaded_favour),
    )
    at = 0
    while at < len(words):
        for width in (3, 2, 1):
            piece = words[at : at + width]
            glue = "" if any(word.text == "-" for word in piece) else " "
            phrase = glue.join(word.lower for word in piece)
            view = next((name for name, phrases in views if phrase in phrases), None)
            if view is not None and len(piece) == width:
                yield at, at + width, view
                at += width - 1
                break
        at += 1


def _beside(words: Sequence[Token], start: int, end: int, targets: Sequence[Span]) -> bool:
    """Whether a target stands within reach of the tokens, with no punctuation between."""
    for first, last in targets:
        if first <= words[start].start and words[end - 1].end <= last:
            return True
        between = [
            word
            for word in words
            if (last <= word.start < words[start].start) or (words[end - 1].end <= word.start < first)
        ]
        if len(between) <= LOADED_REACH and not any(word.text in {",", ";", ":", "(", ")"} for word in between):
            return True
    return False


def _inside(span: Span, speech: Sequence[Span]) -> bool:
    at = bisect_right(speech, span) - 1
    return at >= 0 and speech[at][0] <= span[0] and span[1] <= speech[at][1]
