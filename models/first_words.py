"""The first words of an article's prose as its headline: what is left where nothing may be taken out of a sentence."""

from copydesk.models.document import Document
from copydesk.models.schema import Headline


def first_words(document: Document, max_chars: int, max_words: int | None = None) -> tuple[Headline, ...]:
    """One headline of the whole words at the start of the first sentence; none where the text has no prose.

    :param max_chars: Longest headline, in code points.
    :param max_words: Longest headline, in words.
    :returns: Its score is 0, for no model chose it. A script without blanks is cut after ``max_chars`` characters.
    """
    if not document.sentences:
        return ()
    sentence = document.sentences[0]
    words = sentence.text.split(maxsplit=max_words or -1)[:max_words]
    kept = words[0][:max_chars]
    for word in words[1:]:
        if len(kept) + 1 + len(word) > max_chars:
            break
        kept += f" {word}"
    kept = kept.rstrip(".,;:،。、；： ") or kept
    return (Headline(kept, ((sentence.start, _end(document.text, sentence.start, kept)),), 0.0),)


def _end(text: str, start: int, words: str) -> int:
    """Where the words end in the text, in which any white space may stand between them."""
    end = start
    for character in words:
        while character != " " and text[end].isspace():
            end += 1
        end += character != " "
    return end
