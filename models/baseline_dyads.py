"""The baseline's dyad coder: who did what to whom, by the words around the two actors.

The labels that it was trained on are read with a linear model, others by similarity with the codebook's dyad statements. Both see
the sentence with the actors masked, so that the answer depends on which of the two is the source.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from scipy.special import softmax
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline

from copydesk.configs.codebook import SOURCE, TARGET, Codebook, Label
from copydesk.configs.errors import CodebookError
from copydesk.models.baseline_similarity import LabelMatcher
from copydesk.models.baseline_text import find_mentions, joined, masked_words, role_features, token_features
from copydesk.models.schema import DyadCode

SOURCE_WORD, TARGET_WORD = "SRC", "TGT"
"""What stands for the two actors, in sentences and in dyad statements alike."""


def dyad_model(features: int, penalty: float) -> Pipeline:
    """Unfitted multinomial logistic regression over :func:`dyad_features`.

    :param features: Most frequent features to keep.
    :param penalty: Inverse strength of the L2 penalty.
    """
    return make_pipeline(token_features(features, min_df=1), LogisticRegression(C=penalty, max_iter=500))


def dyad_features(sentence: str, source: str, target: str) -> str:
    """Feature words of a dyad: the sentence with both actors masked, windows around them, order and what is between."""
    return joined(role_features(_masked(sentence, source, target), (SOURCE_WORD, TARGET_WORD)))


def _masked(sentence: str, source: str, target: str) -> list[str]:
    roles = {SOURCE_WORD: find_mentions(sentence, source), TARGET_WORD: find_mentions(sentence, target)}
    return masked_words(sentence, roles)


def matched_dyad(sentence: str, source: str, target: str) -> str:
    """A dyad's sentence as it is compared with hypotheses: masked, with the words around the actors joined to them."""
    return " ".join(_paired(_masked(sentence, source, target)))


def matched_hypotheses(label: Label) -> tuple[str, ...]:
    """A label's dyad hypotheses in the form of :func:`matched_dyad`, and its name."""
    filled = [
        statement.replace(SOURCE, f" {SOURCE_WORD} ").replace(TARGET, f" {TARGET_WORD} ")
        for statement in (*label.dyad, *label.dyad_future)
    ]
    roles = (SOURCE_WORD, TARGET_WORD)
    words = [
        [word if word in roles else word.lower() for word in statement.rstrip(".").split()] for statement in filled
    ]
    return (*(" ".join(_paired(one)) for one in words), label.name)


def _paired(words: Sequence[str]) -> list[str]:
    """The words, and each word joined to the actor just before or after it: TF-IDF knows no order otherwise."""
    roles = (SOURCE_WORD, TARGET_WORD)
    pairs = [f"{a}_{b}" for a, b in pairwise(words) if a in roles or b in roles]
    return [word for word in words if word not in roles] + pairs


class BaselineDyadCoder:
    """A :class:`~copydesk.models.suite.DyadCoder`.

    :param models: Fitted :func:`dyad_model` of each codebook that it was trained on, by the codebook's name.
    :param matcher: What reads all other codebooks.
    """

    def __init__(self, models: Mapping[str, Pipeline], matcher: LabelMatcher) -> None:
        self._models = models
        self._matcher = matcher

    def code(self, dyads: Sequence[tuple[str, str, str]], codebook: Codebook) -> list[DyadCode]:
        """One code for each (sentence, source, target).

        :raises CodebookError: If no label of the codebook has a dyad hypothesis.
        """
        usable = [label.id for label in codebook.labels if label.dyad or label.dyad_future]
        if not usable:
            raise CodebookError(
                f"no label of the codebook {codebook.name!r} has a dyad hypothesis, so it can't code who did what to whom.",
                remedy=f'Give the labels dyad = ["{SOURCE} attacked {TARGET}."] and the like, or use plover15.',
            )
        if not dyads:
            return []
        model = next((one for one in self._models.values() if set(codebook.ids) <= set(one.classes_)), None)
        if model is not None:
            ids, probability = list(codebook.ids), self._trained(model, dyads, codebook)
        else:
            ids, probability = usable, self._matched(dyads, [codebook.label(one) for one in usable])
        return [
            _dyad_code(source, target, dict(zip(ids, row, strict=True)), codebook)
            for (_, source, target), row in zip(dyads, probability, strict=True)
        ]

    def _trained(self, model: Pipeline, dyads: Sequence[tuple[str, str, str]], codebook: Codebook) -> Any:
        columns = [list(model.classes_).index(label_id) for label_id in codebook.ids]
        chosen = model.predict_proba([dyad_features(*dyad) for dyad in dyads])[:, columns].astype(np.float64)
        return (chosen + 1e-12) / (chosen + 1e-12).sum(axis=1, keepdims=True)

    def _matched(self, dyads: Sequence[tuple[str, str, str]], labels: Sequence[Label]) -> Any:
        wordings = [matched_hypotheses(label) for label in labels]
        chance = self._matcher.match([matched_dyad(*dyad) for dyad in dyads], wordings).astype(np.float64)
        return softmax(np.log(chance / (1 - chance)), axis=1)


def _dyad_code(source: str, target: str, scores: Mapping[str, float], codebook: Codebook) -> DyadCode:
    best = max(scores, key=lambda label_id: scores[label_id])
    every = {label_id: float(scores.get(label_id, 0.0)) for label_id in codebook.ids}
    return DyadCode(source=source, target=target, label=best, score=every[best], scores=every)
