"""The summary: the most telling sentences with little overlap, by maximal marginal relevance.

Carbonell and Goldstein (1998), "The Use of MMR, Diversity-Based Reranking for Reordering Documents and Producing Summaries": each
next sentence is the one with the best salience less its likeness to those already taken.
"""

from collections.abc import Callable, Sequence

import numpy as np

from copydesk.models.document import Document
from copydesk.models.lexicon import function_words
from copydesk.models.schema import Evidence, quote
from copydesk.models.suite import Floats, SentenceEncoder
from copydesk.models.words import is_word, word_spans

NOVELTY = 0.35
"""Weight of likeness against salience; the middle of the range (0.3 to 0.5) that MMR is usually run with."""
MIN_WORDS = 6
"""A shorter sentence is taken only where there are not enough others: it tells little without its neighbours."""


def summarise(
    document: Document, salience: Floats, k: int, encoder: SentenceEncoder | None = None
) -> tuple[Evidence, ...]:
    """The ``k`` most telling sentences, in the article's order.

    :param document: A read article.
    :param salience: One score per sentence, higher is more telling, shape (n_sentences,).
    :param k: How many sentences at most.
    :param encoder: Measures likeness by meaning; by shared words where there is none.
    :return: Each with its salience, scaled so that the article's least telling sentence has 0 and the most telling 1.
    """
    sentences = document.sentences
    if not sentences or k <= 0:
        return ()
    scores = _scaled(salience)
    texts = [sentence.text for sentence in sentences]
    likeness = _likeness(texts, encoder)
    redundancy = np.zeros(len(sentences), dtype=np.float32)
    short = np.asarray([len(_content(text)) < MIN_WORDS for text in texts])
    taken: list[int] = []
    while len(taken) < min(k, len(sentences)):
        value = (1 - NOVELTY) * scores - NOVELTY * redundancy - short
        value[taken] = -np.inf
        taken.append(int(value.argmax()))
        latest = likeness(taken[-1])
        redundancy = np.maximum(redundancy, latest) if len(taken) > 1 else latest
    return tuple(quote(document.text, sentences[index].span, float(scores[index])) for index in sorted(taken))


def _scaled(salience: Floats) -> Floats:
    low, high = float(salience.min()), float(salience.max())
    if high - low < 1e-9:
        return np.ones_like(salience)
    return np.asarray((salience - low) / (high - low), dtype=np.float32)


def _likeness(texts: Sequence[str], encoder: SentenceEncoder | None) -> Callable[[int], Floats]:
    """How like one of the texts each of them is: cosine of the encodings, or overlap coefficient of the content words.

    :return: From a text's number to its likeness to all, shape (n,). Not a table of all pairs: a long text has 100,000 sentences.
    """
    if encoder is not None:
        rows = encoder.encode(texts)
        return lambda one: np.asarray(rows @ rows[one], dtype=np.float32)
    words = [_content(text) for text in texts]

    def overlap(one: int) -> Floats:
        shared = [len(words[one] & other) / max(1, min(len(words[one]), len(other))) for other in words]
        return np.asarray(shared, dtype=np.float32)

    return overlap


def _content(text: str) -> frozenset[str]:
    words = (text[start:end].lower() for start, end in word_spans(text))
    return frozenset(word for word in words if is_word(word)) - function_words()
