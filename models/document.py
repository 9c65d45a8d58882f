"""An article as the readers see it: its sentences with offsets, and which lines are not its prose."""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from copydesk.models.schema import Article, Span

MarkKind = Literal["title", "dateline", "byline", "caption", "credit", "promotion", "heading", "sign-off", "furniture"]
"""What a part of the text is when it isn't the article's prose. ``heading`` is a crosshead inside the body, ``furniture``
any other site chrome ("Advertisement", "Share this", "Read more")."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A part of the text that is not the article's prose. Evidence and headlines never come from it.

    :param start: First code point.
    :param end: One past the last code point.
    :param kind: What it is.
    """

    start: int
    end: int
    kind: MarkKind


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of prose.

    :param start: First code point in the article's text.
    :param end: One past the last code point.
    :param text: ``article.text[start:end]``.
    :param paragraph: Number of its paragraph, from 0.
    """

    start: int
    end: int
    text: str
    paragraph: int

    @property
    def span(self) -> Span:
        """``(start, end)``."""
        return (self.start, self.end)


@dataclass(frozen=True)
class Document:
    """A read article: the unit that every model works on.

    :param article: The article, unchanged.
    :param sentences: The sentences of its prose, ascending, never overlapping, never inside a mark.
    :param marks: The parts that are not prose, ascending. Sentences and marks together cover all but white space.
    :param language: ISO 639-1 code of the detected language, ``und`` where the text is too short to tell.
    :param language_score: The detector's probability for it, 0 to 1.
    """

    article: Article
    sentences: tuple[Sentence, ...]
    marks: tuple[Mark, ...] = ()
    language: str = "en"
    language_score: float = 1.0

    @property
    def text(self) -> str:
        """The article's text, unchanged."""
        return self.article.text

    @cached_property
    def title(self) -> str | None:
        """The article's own title: given beside the text, or marked in it."""
        if self.article.title:
            return self.article.title
        return next((self.text[mark.start : mark.end] for mark in self.marks if mark.kind == "title"), None)
