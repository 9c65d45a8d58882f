"""What a headline must never do, as checks of a headline against its article.

Each check looks at one sentence and at which of its tokens the headline keeps, and says what is wrong in words. The decoder
lets no headline pass that fails one; the tests and ``benchmarks/headlines.py`` run the same functions on finished headlines.
They don't look at how the deletions were found (:mod:`copydesk.models.deletions`), so that a mistake there does not excuse
itself here.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from copydesk.models.document import Document, Sentence
from copydesk.models.guard import Check, Kept
from copydesk.models.guard_commas import commas
from copydesk.models.guard_complements import complements, predicates
from copydesk.models.guard_forms import agencies, brackets, ends, pronouns
from copydesk.models.guard_meaning import attribution, hedges, negation
from copydesk.models.guard_numbers import numbers
from copydesk.models.guard_scope import scope
from copydesk.models.guard_verbs import clauses, verbs
from copydesk.models.phrases import Parse, parse
from copydesk.models.schema import Headline, Span
from copydesk.models.words import letters

CHECKS: tuple[Check, ...] = (
    negation, attribution, numbers, hedges, scope, verbs, clauses, complements, predicates, ends, commas, brackets, pronouns,
    agencies,
)  # fmt: skip
"""In the order of docs/headlines.md."""


def violations(document: Document, headline: Headline) -> list[str]:
    """Everything that is wrong with a headline; empty if nothing is.

    :param document: The article that it was made from.
    :param headline: With spans into the article's text.
    """
    found = list(_outside(document, headline))
    sentences = [
        s for s in document.sentences if any(s.start <= start and end <= s.end for start, end in headline.spans)
    ]
    if len(sentences) != 1:
        return [*found, f"spans: the words come from {len(sentences)} sentences, not from one"]
    read = parse(sentences[0].text)
    return [*found, *sentence_violations(read, kept_tokens(read, sentences[0], headline.spans))]


def kept_tokens(read: Parse, sentence: Sentence, spans: Sequence[Span]) -> list[bool]:
    """Which tokens of the sentence stand in a headline's spans of the article."""
    return [
        any(start <= sentence.start + left and sentence.start + right <= end for start, end in spans)
        for left, right in read.spans
    ]


def sentence_violations(read: Parse, kept: Kept) -> list[str]:
    """Everything that is wrong with keeping just these tokens of a sentence."""
    return [problem for check in CHECKS for problem in check(read, kept)]


def is_allowed(read: Parse, kept: Kept) -> bool:
    """Whether no check finds anything; stops at the first that does."""
    return next((False for check in CHECKS for _ in check(read, kept)), True)


def _outside(document: Document, headline: Headline) -> Iterator[str]:
    """Words that the article has not, spans out of order or inside what is no prose."""
    if any(not (0 <= start < end <= len(document.text)) for start, end in headline.spans) or not headline.spans:
        yield "spans: empty or outside the text"
        return
    if any(end > start for (_, end), (start, _) in pairwise(headline.spans)):
        yield "spans: not ascending"
    for mark in document.marks:
        if any(start < mark.end and mark.start < end for start, end in headline.spans):
            yield f"marks: words of a {mark.kind}"
    spanned = " ".join(document.text[start:end] for start, end in headline.spans)
    if letters(spanned) != letters(headline.text):
        yield "words: the headline's words are not those of its spans"
