"""From a raw text to a read article: its sentences with exact offsets, and marks on what is not prose."""

from copydesk.models.document import Document, Mark, Sentence
from copydesk.models.language import UNDETERMINED, detect
from copydesk.models.marks import mark
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
    sentences: list[Sentence] = []
    marks: list[Mark] = []
    paragraph = 0
    for pieces in mark(article, DEFAULT_LANGUAGE if language == UNDETERMINED else language):
        for start, end, kind in pieces:
            if kind is None:
                sentences.append(Sentence(start, end, article.text[start:end], paragraph))
            else:
                marks.append(Mark(start, end, kind))
        paragraph += any(piece.kind is None for piece in pieces)
    return Document(article, tuple(sentences), tuple(marks), language, score)


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
