"""Which language a text is written in, by py3langid (naive Bayes over byte n-grams; Lui and Baldwin, 2012, "langid.py").

Its model is unpacked on first use, half a second, and kept.
"""

from functools import lru_cache
from typing import Any

UNDETERMINED = "und"
"""ISO 639-2 code for a language that can't be told."""

NEWS_LANGUAGES = (
    "af am ar as az be bg bn bs ca cs cy da de el en es et eu fa fi fr ga gl gu ha he hi hr ht hu hy id ig is it ja ka kk km kn "
    "ko ku ky lo lt lv mg mk ml mn mr ms my ne nl nn no om or pa pl ps pt ro ru rw si sk sl so sq sr sv sw ta te tg th tk tl tr "
    "ug uk ur uz vi xh yo zh zu"
)
"""Languages that are told apart. The detector's others (Aragonese, Latin, Nigerian Pidgin, ancient Greek …) are left out: few
articles are written in them, and short English sentences full of foreign names were taken for them."""

MIN_LETTER_BYTES = 12
"""Letters of fewer bytes in UTF-8 are not judged: a name alone has no language, while four Chinese characters make a clause."""

MIN_SCORE = 0.2
"""Below it the detector is guessing: random letters get 0.15, "Talks in Yerevan" 0.27 for English."""

MAX_ENGLISH_DOUBT = 0.02
"""A text is taken for another language only if English has no more probability than this, or the other one is certain. English
headlines of foreign names keep more for English, plain sentences of other languages less than 0.01."""

CERTAIN = 0.95
"""Probability from which another language is believed all the same."""

READ_CHARS = 2000
"""Characters that are read at most, half of them from the middle, so that a foreign quotation at the top does not decide."""


def detect(text: str) -> tuple[str, float]:
    """The language of a text.

    A doubtful text is judged again by its words in small letters, for names of many languages stand in English news.

    :param text: Any text.
    :return: ISO 639-1 code and the detector's probability for it, 0 to 1; ``("und", 0.0)`` where it can't be told.
    """
    sample = _sample(text)
    if len("".join(filter(str.isalpha, sample)).encode()) < MIN_LETTER_BYTES:
        return UNDETERMINED, 0.0
    language, score, english = _best(sample)
    if score >= MIN_SCORE and (language == "en" or score >= CERTAIN or english <= MAX_ENGLISH_DOUBT):
        return language, score
    language, score, _ = _best(" ".join(word for word in sample.split() if word[0].islower()))
    return ("en", score) if language == "en" and score >= MIN_SCORE else (UNDETERMINED, 0.0)


def _best(text: str) -> tuple[str, float, float]:
    """The likeliest language, its probability, and that of English."""
    ranking = _detector().rank(text)
    return str(ranking[0][0]), min(float(ranking[0][1]), 1.0), float(dict(ranking)["en"])


def _sample(text: str) -> str:
    if len(text) <= READ_CHARS:
        return text
    half = READ_CHARS // 2
    middle = len(text) // 2
    return text[:half] + "\n" + text[max(half, middle) : max(half, middle) + half]


@lru_cache(maxsize=1)
def _detector() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    detector = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    detector.set_languages(NEWS_LANGUAGES.split())
    return detector
