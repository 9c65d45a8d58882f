"""Which language a text is written in, with py3langid (naive Bayes over byte n-grams; Lui and Baldwin, 2012, "langid.py").

The detector's model is unpacked on first use, about a second, and kept.
"""

from functools import lru_cache
from typing import Any

UNDETERMINED = "und"
"""ISO 639-2 code for a language that can't be told."""

MIN_LETTERS = 12
"""Fewer letters than this are not judged: a name or a dateline alone has no language."""

READ_CHARS = 2000
"""Characters that are read at most. The detector is certain long before; a 50 MB file shall not cost seconds here."""


def detect(text: str) -> tuple[str, float]:
    """The language of a text.

    :param text: Any text.
    :return: ISO 639-1 code and the detector's probability for it, 0 to 1; ``("und", 0.0)`` where the text is too short or
        has too few letters to tell.
    """
    sample = text[:READ_CHARS]
    letters = sum(map(str.isalpha, sample))
    if letters < MIN_LETTERS:
        return UNDETERMINED, 0.0
    language, score = _identifier().classify(sample.encode("utf-8", "replace").decode("utf-8"))
    return str(language), float(score)


@lru_cache(maxsize=1)
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
