"""The baseline's polarity toward a target, and its stance of an article toward a claim."""

import re
import tomllib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline

from copydesk.models.baseline_similarity import cosines, vectors
from copydesk.models.baseline_text import find_mentions, joined, masked_words, role_features, token_features
from copydesk.models.cue_polarity import cue
from copydesk.models.document import Document
from copydesk.models.schema import CLAIM_LABELS, POLARITIES, ClaimStance, quote
from copydesk.models.suite import Floats, PolarityQuery

VOICE, DIRECTED, TOPIC = "voice", "directed", "topic"
"""The three questions, each with a model of its own: the author toward a mention in the text, one actor of the text toward
another, and a passage toward a topic that need not stand in it."""
CUE_WEIGHT = 0.3
"""Weight of the verb rule ("X accused Y") between two actors, where it fires. On directed_dev it fires for one pair in seventeen;
macro-F1 rises from 0.579 to 0.585, and falls below that with a weight of 0.6."""


def polarity_model(features: int, penalty: float, weights: dict[str, float] | str | None) -> Pipeline:
    """Unfitted multinomial logistic regression over :func:`polarity_features`.

    :param features: Most frequent features to keep.
    :param penalty: Inverse strength of the L2 penalty.
    :param weights: Class weights; they stand for what a wrong polarity costs against a wrong neutral.
    """
    model = LogisticRegression(C=penalty, max_iter=300, class_weight=weights)
    return make_pipeline(token_features(features), model)


def kind_of(query: PolarityQuery) -> str:
    """Which of the three models answers a query: by what of it stands in the text."""
    if not query.target_spans:
        return TOPIC
    return DIRECTED if query.holder_spans else VOICE


def polarity_features(query: PolarityQuery) -> str:
    """Feature words of a query: the text with target and holder masked, windows around them, order and what is between."""
    kind = kind_of(query)
    if kind == TOPIC:
        words = masked_words(query.text, {"TGT": find_mentions(query.text, query.target)})
        topic = [f"t_{word}" for word in masked_words(query.target, {})]
        return joined([*role_features(words, ("TGT",)), *topic])
    roles = {"TGT": query.target_spans} if kind == VOICE else {"HLD": query.holder_spans, "TGT": query.target_spans}
    return joined(role_features(masked_words(query.text, roles), tuple(roles)))


class BaselinePolarity:
    """A :class:`~copydesk.models.suite.PolarityScorer`.

    :param models: A fitted :func:`polarity_model` for each of :data:`VOICE`, :data:`DIRECTED` and :data:`TOPIC`.
    """

    def __init__(self, models: dict[str, Pipeline]) -> None:
        self._models = models

    def polarity(self, queries: Sequence[PolarityQuery]) -> Floats:
        """Probabilities of favour, against and neutral, shape (len(queries), 3), in input order."""
        result = np.zeros((len(queries), len(POLARITIES)), dtype=np.float32)
        kinds = [kind_of(query) for query in queries]
        for kind, model in self._models.items():
            rows = [index for index, one in enumerate(kinds) if one == kind]
            if not rows:
                continue
            probability = model.predict_proba([polarity_features(queries[index]) for index in rows])
            for column, name in enumerate(model.classes_):
                result[rows, POLARITIES.index(name)] = probability[:, column]
            if kind == DIRECTED:
                for index in rows:
                    result[index] = _with_cue(result[index], cue(queries[index]))
        return result


def _with_cue(probability: Floats, column: int | None) -> Floats:
    """The model's answer mixed with that of the verb rule, where the rule has one."""
    if column is None:
        return probability
    rule = np.eye(len(POLARITIES), dtype=np.float32)[column]
    return np.asarray((1 - CUE_WEIGHT) * probability + CUE_WEIGHT * rule, dtype=np.float32)


NEAREST = 3
"""Sentences of the body that are compared with the claim in detail, and the most that are given as evidence."""
_TOKEN = re.compile(r"\w+")
_LEXICON = files("copydesk.configs") / "lexicons" / "claims.toml"


def claim_model(rounds: int, seed: int) -> HistGradientBoostingClassifier:
    """Unfitted gradient boosting over :class:`ClaimFeatures`.

    :param rounds: Trees per class.
    :param seed: Random state.
    """
    return HistGradientBoostingClassifier(max_iter=rounds, max_leaf_nodes=15, learning_rate=0.1, random_state=seed)


class ClaimFeatures:
    """What an article body and a claim have in common, in the manner of the FNC-1 baselines (Riedel et al., 2017).

    A body is read once and can be compared with many claims.

    :param sentences: The sentences of the body, at least one.
    :param text_vectors: Fitted :func:`~copydesk.models.baseline_similarity.similarity_vectors`.
    """

    def __init__(self, sentences: Sequence[str], text_vectors: FeatureUnion) -> None:
        self._rows = vectors(text_vectors, sentences)
        self._body = vectors(text_vectors, [" ".join(sentences)])
        self._words = [_bag(sentence) for sentence in sentences]
        self._all = frozenset().union(*self._words)

    def compare(self, claim: str, claim_vector: Any) -> tuple[Floats, Floats]:
        """The features of one claim, shape (26,), and its cosine with each sentence, shape (n_sentences,).

        :param claim: The claim's text.
        :param claim_vector: Its row from :func:`~copydesk.models.baseline_similarity.vectors`.
        """
        near = cosines(claim_vector, self._rows)[0]
        order = np.argsort(-near, kind="stable")
        best = [self._words[index] for index in order[:NEAREST]]
        claim_words = _bag(claim)
        top = np.zeros(NEAREST, dtype=np.float32)
        top[: len(best)] = near[order[:NEAREST]]
        share = 1 / max(len(claim_words), 1)
        features = [
            *top,
            float(cosines(claim_vector, self._body)[0, 0]),
            near[0],
            near[:NEAREST].max(),
            near.mean(),
            (near > 0.2).mean(),
            order[0] / len(near),
            len(near),
            len(claim_words),
            len(claim_words & self._all) * share,
            len(claim_words & (best[0] | best[-1])) * share,
            len(claim_words & self._words[0]) * share,
        ]
        for lexicon in _lexicons():
            features += [
                len(claim_words & lexicon),
                sum(len(words & lexicon) for words in best),
                len(best[0] & lexicon),
                len(self._all & lexicon),
                len(self._words[0] & lexicon),
            ]
        features += [float("?" in claim), float("not" in best[0])]
        return np.asarray(features, dtype=np.float32), near


@cache
def _lexicons() -> tuple[frozenset[str], ...]:
    """Words that refute, and words that hedge or report."""
    table = tomllib.loads(_LEXICON.read_text(encoding="utf-8"))
    return tuple(frozenset(table[name].split()) for name in ("refuting", "hedging"))


def _bag(text: str) -> frozenset[str]:
    return frozenset(word.lower() for word in _TOKEN.findall(text))


class BaselineClaimReader:
    """A :class:`~copydesk.models.suite.ClaimReader`.

    :param text_vectors: Fitted similarity vectors.
    :param model: Fitted :func:`claim_model`.
    """

    def __init__(self, text_vectors: FeatureUnion, model: HistGradientBoostingClassifier) -> None:
        self._vectors = text_vectors
        self._model = model

    def read(self, document: Document, claim: str) -> ClaimStance:
        """agree, disagree, discuss or unrelated, with the sentences nearest to the claim.

        A document without prose is unrelated to everything; the evidence of "unrelated" is the nearest sentence all the same.
        """
        if not document.sentences:
            return ClaimStance("unrelated", 1.0, (), {label: float(label == "unrelated") for label in CLAIM_LABELS})
        body = ClaimFeatures([sentence.text for sentence in document.sentences], self._vectors)
        features, near = body.compare(claim, vectors(self._vectors, [claim]))
        probability = self._model.predict_proba(features[None, :])[0]
        scores = {str(name): float(value) for name, value in zip(self._model.classes_, probability, strict=True)}
        label = max(CLAIM_LABELS, key=lambda one: scores[one])
        order = np.argsort(-near, kind="stable")[: NEAREST if label != "unrelated" else 1]
        chosen = [index for index in order if near[index] > 0] or [order[0]]
        evidence = tuple(quote(document.text, document.sentences[i].span, min(1.0, float(near[i]))) for i in chosen)
        return ClaimStance(label, scores[label], evidence, {one: scores[one] for one in CLAIM_LABELS})
