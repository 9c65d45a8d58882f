"""How a headline is written: sentence case with names kept or AP title case, and tidy spaces.

Only letter case, white space and the punctuation at the end may differ from the article's words.
"""

from copydesk.models.lexicon import lexicon
from copydesk.models.suite import Case
from copydesk.models.words import is_word, word_spans


def styled(text: str, case: Case) -> str:
    """The headline in the wanted case, without punctuation at its end.

    :param text: Words of the article, joined.
    :param case: ``sentence`` raises the first letter and keeps the rest; ``title`` follows the Associated Press: every word but
        articles, and conjunctions and prepositions of up to three letters, and always the first and the last.
    """
    tidy = " ".join(text.split()).rstrip(" ,;:.-–—")
    if tidy.endswith((",”", ',"', ",''")):  # “a plan for all,” says nobody any more
        tidy = tidy[: tidy.rindex(",")] + tidy[tidy.rindex(",") + 1 :]
    if text.rstrip().endswith(tuple(_pointed(tidy))):
        tidy += "."
    return _title_case(tidy) if case == "title" else _raised(tidy)


def _pointed(tidy: str) -> list[str]:
    """The last word with its own point, if it is an abbreviation that needs it ("U.S.", "Inc.")."""
    last = tidy.rsplit(" ", 1)[-1]
    spans = word_spans(last + ". X")
    return [last + "."] if spans and spans[0] == (0, len(last) + 1) else []


def _raised(text: str) -> str:
    """The first letter as a capital, unless the word is spelt with an inner one ("iPhone")."""
    for start, end in word_spans(text):
        word = text[start:end]
        if is_word(word):
            return (
                text if any(character.isupper() for character in word) else text[:start] + _capital(word) + text[end:]
            )
    return text


def _title_case(text: str) -> str:
    spans = [span for span in word_spans(text) if is_word(text[slice(*span)])]
    parts, at = [], 0
    for number, (start, end) in enumerate(spans):
        word = text[start:end]
        inner = any(character.isupper() for character in word)
        small = word.lower() in lexicon("style", "small") and 0 < number < len(spans) - 1
        parts.append(text[at:start] + (word if inner or small else _hyphenated(word)))
        at = end
    return "".join(parts) + text[at:]


def _hyphenated(word: str) -> str:
    return "-".join(_capital(part) for part in word.split("-"))


def _capital(word: str) -> str:
    """The first letter raised, if that is one letter still ("ß" would become two)."""
    return word[:1].upper() + word[1:] if len(word[:1].upper()) == 1 else word
