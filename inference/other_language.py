"""What is done about an article in another language than the codebook's or the model's."""

from copydesk.configs.errors import InputError
from copydesk.inference.options import PredictOptions
from copydesk.models.document import Document
from copydesk.models.language import UNDETERMINED

SURE_LANGUAGE = 0.9
"""Detector probability from which a language counts as detected. Short English texts full of foreign names come out as another
language with less; whole articles in another language come out with more than 0.99."""


def is_foreign(document: Document) -> bool:
    """Whether a text is surely not English, so that no English rule may take words out of it."""
    return document.language not in {"en", UNDETERMINED} and document.language_score >= SURE_LANGUAGE


def language_note(document: Document, options: PredictOptions) -> tuple[str, ...]:
    """A warning for an article in another language than the codebook's; none where the language can't be told.

    :raises InputError: If such an article is to be refused.
    """
    expected = options.codebook.language
    if document.language in {expected, UNDETERMINED} or document.language_score < SURE_LANGUAGE:
        return ()
    note = (
        f"The article seems to be in another language ({document.language!r}) than the model and the codebook "
        f"({expected!r}): do not rely on these answers."
    )
    if options.on_other_language == "error":
        raise InputError(
            f"the article seems to be in another language ({document.language!r}) than the codebook ({expected!r}).",
            remedy="Translate it, or ask for a warning only.",
            source=document.article.id or "",
        )
    return (note,)
