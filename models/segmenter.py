"""From a raw text to a read article: its sentences with exact offsets, and marks on what is not prose."""

from collections.abc import Iterable

from copydesk.models.document import Document, Mark, Sentence
from copydesk.models.language import UNDETERMINED, detect
from copydesk.models.marks import HEADLINE_LIKE, Piece, mark_paragraphs, mark_sentence
from copydesk.models.paragraphs import paragraphs
from copydesk.models.schema import Article, Span
from copydesk.models.sentence_ends import sentence_spans

DEFAULT_LANGUAGE = "en"
"""Whose sentence rules are used where the language can't be told."""


def read_article(article: Article | str) -> Document:
    """Read an article: find its sentences, mark what is not its prose and detect its language.

    :param article: The article, or its bare text. It is never changed: everything points into it by code points.
    :return: Sentences and marks that never overlap and together cover all of the text but white space. A text of nothing but
        site chrome has no sentences; a text of nothing but title-like lines has them as prose.
    """
    if isinstance(article, str):
        article = Article(text=article)
    language, score = detect(article.text)
    reading = _Reading(article.text, DEFAULT_LANGUAGE if language == UNDETERMINED else language)
    for pieces in mark_paragraphs(article):
        reading.add(pieces)
    if not reading.sentences:
        reading = reading.with_headlines_as_prose()
    return Document(article, tuple(reading.sentences), tuple(reading.marks), language, score)


def segment(text: str, start: int = 0, language: str = DEFAULT_LANGUAGE) -> list[Span]:
    """Split a text into sentences. A line end closes a sentence, unless the text is hard-wrapped.

    A quotation of several longer sentences is split too: its mark may open in one sentence and close in another.

    :param text: Any text.
    :param start: Offset of the text in a larger one; it is added to every span.
    :param language: ISO 639-1 code.
    :return: ``(start, end)`` spans, ascending, without the white space around them; together they cover all but white space.
    """
    return [
        (start + offset + left, start + offset + right)
        for offset, end in paragraphs(text)
        for left, right in sentence_spans(text[offset:end], language)
    ]


class _Reading:
    """The sentences and marks of a text, while its paragraphs are read in order."""

    def __init__(self, text: str, language: str) -> None:
        self.text = text
        self.language = language
        self.sentences: list[Sentence] = []
        self.marks: list[Mark] = []
        self._paragraph = 0

    def add(self, pieces: Iterable[Piece]) -> None:
        """Add a paragraph: its marked parts as they are, its prose sentence by sentence."""
        before = len(self.sentences)
        for start, end, kind in pieces:
            if kind is not None:
                self.marks.append(Mark(start, end, kind))
                continue
            for left, right in sentence_spans(self.text[start:end], self.language):
                self._add_sentence((start + left, start + right))
        self._paragraph += len(self.sentences) > before

    def with_headlines_as_prose(self) -> "_Reading":
        """The same reading with what looks like a headline as prose, for a text that has no other."""
        again = _Reading(self.text, self.language)
        for mark in self.marks:
            again.add([Piece(mark.start, mark.end, None if mark.kind in HEADLINE_LIKE else mark.kind)])
        return again

    def _add_sentence(self, span: Span) -> None:
        for start, end, kind in mark_sentence(self.text, span):
            if kind is None:
                self.sentences.append(Sentence(start, end, self.text[start:end], self._paragraph))
            else:
                self.marks.append(Mark(start, end, kind))
