"""The baseline's scorers for headlines: which sentence carries the news, and which of its words a headline keeps.

Both are small linear models over features that an editor would name. The decoder with its guarantees is shared with the
transformer (:mod:`copydesk.models.headline`).
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from copydesk.models.baseline_similarity import cosines, vectors
from copydesk.models.baseline_text import CompactTfidf
from copydesk.models.document import Document
from copydesk.models.lexicon import lexicon
from copydesk.models.schema import Span
from copydesk.models.suite import Floats

_WORD = re.compile(r"\w+")
_CLASSES = (
    "article", "determiner", "possessive", "preposition", "conjunction", "subordinator", "relative", "subject", "object",
    "modal", "be", "have", "do", "negation", "adverb", "number",
)  # fmt: skip
_CLASS_OF = {word: name for name in reversed(_CLASSES) for word in lexicon("classes", name)}
_CALENDAR = lexicon("calendar", "day") | lexicon("calendar", "month")
_SUBJECTS = lexicon("classes", "subject")


def salience_model() -> Pipeline:
    """Unfitted ridge regression over :func:`salience_features`."""
    return make_pipeline(StandardScaler(), Ridge(alpha=1.0))


def salience_features(sentences: Sequence[str], text_vectors: FeatureUnion) -> Floats:
    """What tells the lead of a story from the rest, shape (n_sentences, 12).

    Position, similarity to the whole article (the TF-IDF centroid) and to its first sentence, length, figures, names, quotation
    marks, questions, and a pronoun as the first word.

    :param sentences: The sentences of one article, in order.
    :param text_vectors: Fitted :func:`~copydesk.models.baseline_similarity.similarity_vectors`.
    """
    if not sentences:
        return np.zeros((0, 12), dtype=np.float32)
    rows = vectors(text_vectors, sentences)
    # The sum of a sentence's cosines with all others, without the square table of them: a long text has 100,000 sentences.
    every = np.asarray(rows @ rows.sum(axis=0).T).ravel()
    own = np.asarray(rows.multiply(rows).sum(axis=1)).ravel()
    centroid = (every - own) / max(len(sentences) - 1, 1)
    first = cosines(rows, rows[0]).ravel()
    features = []
    for index, sentence in enumerate(sentences):
        words = _WORD.findall(sentence)
        count = max(len(words), 1)
        features.append(
            (
                1 / (1 + index),
                float(index == 0),
                index / len(sentences),
                float(centroid[index]),
                float(first[index]) if index else float(centroid[0]),
                np.log1p(count),
                float(count < 8),  # a crosshead or a fragment of a quotation
                sum(word[0].isdigit() for word in words) / count,
                sum(word[0].isupper() for word in words) / count,
                float(any(mark in sentence for mark in '"“”')),
                float(sentence.rstrip("\"”' ").endswith("?")),
                float(bool(words) and words[0].lower() in _SUBJECTS),
            )
        )
    return np.asarray(features, dtype=np.float32)


class BaselineSalience:
    """A :class:`~copydesk.models.suite.SalienceScorer`.

    :param text_vectors: Fitted similarity vectors.
    :param model: Fitted :func:`salience_model`.
    """

    def __init__(self, text_vectors: FeatureUnion, model: Pipeline) -> None:
        self._vectors = text_vectors
        self._model = model

    def salience(self, document: Document) -> Floats:
        """Predicted ROUGE-1 F1 of each sentence with the headline, shape (n_sentences,)."""
        if not document.sentences:
            return np.zeros(0, dtype=np.float32)
        features = salience_features([sentence.text for sentence in document.sentences], self._vectors)
        return np.asarray(self._model.predict(features), dtype=np.float32)


def keep_model(features: int, penalty: float) -> Pipeline:
    """Unfitted logistic regression over :func:`keep_features`.

    :param features: Most frequent features to keep.
    :param penalty: Inverse strength of the L2 penalty.
    """
    counts = CompactTfidf(
        token_pattern=r"\S+",
        lowercase=False,
        use_idf=False,
        norm=None,
        binary=True,
        max_features=features,
        dtype=np.float32,
    )
    return make_pipeline(counts, LogisticRegression(C=penalty, max_iter=200))


def keep_features(sentence: str, spans: Sequence[Span]) -> list[str]:
    """For each word, its feature words as one string: itself, its neighbours, shape, closed class and place in the sentence.

    :param sentence: The sentence.
    :param spans: Its words, ascending.
    """
    words = [sentence[start:end] for start, end in spans]
    lower = ["_".join(word.lower().split()) for word in words]
    kinds = [_kind(word) for word in words]
    depth = _bracket_depths(words)
    commas = np.cumsum([word in {",", ";", "--", "–", "—"} for word in words])
    count = len(words)

    def at(values: Sequence[str], index: int) -> str:
        return values[index] if 0 <= index < count else "#"

    rows = []
    for index in range(count):
        near = range(index - 2, index + 3)
        features = [f"w{place - index}={at(lower, place)}" for place in near]
        features += [f"k{place - index}={at(kinds, place)}" for place in near]
        features += [f"kk={at(kinds, index - 1)}/{kinds[index]}", f"kk+={kinds[index]}/{at(kinds, index + 1)}"]
        features.append(f"kkk={at(kinds, index - 1)}/{kinds[index]}/{at(kinds, index + 1)}")
        features += [f"ww={at(lower, index - 1)}/{lower[index]}", f"ww+={lower[index]}/{at(lower, index + 1)}"]
        features += [f"suffix{place - index}={at(lower, place)[-3:]}" for place in near[1:4]]
        features += [f"place={10 * index // count}", f"from={min(index, 12)}", f"left={min(count - index, 8)}"]
        features += [f"commas={min(int(commas[index]), 4)}/{min(int(commas[-1]), 4)}", f"brackets={depth[index]}"]
        features += [f"seen={lower[index] in lower[:index]}", f"length={min(count // 5, 12)}"]
        rows.append(" ".join(features))
    return rows


def _kind(word: str) -> str:
    """Closed class of a function word; otherwise what the word looks like."""
    lower = word.lower()
    if closed := _CLASS_OF.get(lower):
        return closed
    if lower in _CALENDAR:
        return "calendar"
    if not any(character.isalnum() for character in word):
        return word[:2]
    if any(character.isdigit() for character in word):
        return "figure"
    ending = next((ending for ending in ("ing", "ed", "ly", "s") if lower.endswith(ending)), "")
    return ("Name" if word[0].isupper() else "word") + ending


def _bracket_depths(words: Iterable[str]) -> list[int]:
    depth, depths = 0, []
    for word in words:
        depth += word in "([" if word else 0
        depths.append(min(depth, 2))
        depth = max(0, depth - 1) if word and word in ")]" else depth
    return depths


class BaselineKeep:
    """A :class:`~copydesk.models.suite.KeepScorer`.

    :param model: Fitted :func:`keep_model`.
    """

    def __init__(self, model: Pipeline) -> None:
        self._model = model

    def keep(self, sentences: Sequence[str], words: Sequence[Sequence[Span]]) -> list[Floats]:
        """For each sentence, the probability of each of its words to be kept."""
        rows = [keep_features(sentence, spans) for sentence, spans in zip(sentences, words, strict=True)]
        flat = [row for one in rows for row in one]
        if not flat:
            return [np.zeros(0, dtype=np.float32) for _ in rows]
        probability: Any = self._model.predict_proba(flat)[:, 1].astype(np.float32)
        return list(np.split(probability, np.cumsum([len(one) for one in rows])[:-1]))
