"""Trains the baseline's polarity models and its claim reader."""

import random
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from copydesk.configs.errors import InputError
from copydesk.configs.recipe_baseline import BaselineRecipe, ClaimsRecipe, PolarityRecipe
from copydesk.models.baseline_similarity import vectors
from copydesk.models.baseline_stance import (
    DIRECTED,
    TOPIC,
    VOICE,
    BaselinePolarity,
    ClaimFeatures,
    claim_model,
    polarity_features,
    polarity_model,
)
from copydesk.models.baseline_text import find_mentions
from copydesk.models.schema import CLAIM_LABELS, POLARITIES
from copydesk.models.segmenter import read_article
from copydesk.models.suite import AGAINST, FAVOUR, PolarityQuery
from copydesk.training.baseline_parts import Figures, Outcome, classification, round_coefficients
from copydesk.training.tables import Row, check_classes, load_table

COLUMNS = {
    VOICE: ("sentence", "start", "end", "label"),
    DIRECTED: ("sentence", "p", "q", "label"),
    TOPIC: ("text", "target", "label"),
}
_SENTIMENT = {"positive": "favour", "negative": "against"} | {polarity: polarity for polarity in POLARITIES}
_DIRECTIONS = {
    "neutral": ("neutral", "neutral"),
    "p_positive_to_q": ("favour", "neutral"),
    "p_negative_to_q": ("against", "neutral"),
    "q_positive_to_p": ("neutral", "favour"),
    "q_negative_to_p": ("neutral", "against"),
}
"""A directed label to the polarity of p toward q and of q toward p."""
_LABELS = {VOICE: tuple(_SENTIMENT), DIRECTED: tuple(_DIRECTIONS), TOPIC: POLARITIES}

DIRECTED_THRESHOLD = 0.6
"""Probability of a polarity from which a directed pair is not called neutral; the best of 0.3 to 0.6 on directed_dev."""


class PolarityJob:
    """One of the three polarity models.

    :param kind: VOICE, DIRECTED or TOPIC.
    """

    def __init__(self, kind: str, recipe: PolarityRecipe, whole: BaselineRecipe) -> None:
        self.name = f"polarity {kind}"
        self._kind, self._recipe = kind, recipe
        self._rows = self._read(whole.resolve(recipe.table))
        self._dev_name = recipe.dev or ""
        self._dev = self._read(whole.resolve(recipe.dev)) if recipe.dev else []

    def _read(self, table: str) -> list[Row]:
        rows = load_table(table, COLUMNS[self._kind], may_be_empty=("p", "q"))
        check_classes([row["label"] for row in rows], _LABELS[self._kind], source=table)
        for number, row in enumerate(rows, start=1):
            if self._kind == VOICE and not 0 <= row["start"] < row["end"] <= len(row["sentence"]):
                raise InputError(
                    f"row {number} has the mention {row['start']}..{row['end']} outside its sentence.",
                    remedy="start and end count characters from 0, end exclusive.",
                    source=table,
                )
        return rows

    def fit(self, parts: Mapping[str, Any]) -> Outcome:  # noqa: ARG002 - needs no other part
        """Fit on the training table, judge on the dev table."""
        examples = [example for row in self._rows for example in _examples(self._kind, row)]
        weights = {"favour": self._recipe.weight, "against": self._recipe.weight, "neutral": 1.0}
        model = polarity_model(self._recipe.features, self._recipe.penalty, weights)
        features = [polarity_features(query) for query, _ in examples]
        model.fit(features, [label for _, label in examples])
        round_coefficients(model)
        scorer = BaselinePolarity({self._kind: model})
        figures = {self._dev_name: self._judge(scorer)} if self._dev else {}
        return Outcome({f"polarity-{self._kind}": model}, figures)

    def _judge(self, scorer: BaselinePolarity) -> Figures:
        scores = scorer.polarity([query for row in self._dev for query, _ in _examples(self._kind, row)])
        gold = [row["label"] for row in self._dev]
        if self._kind == DIRECTED:
            return classification(gold, _directed_labels(scores))
        given = [POLARITIES[index] for index in scores.argmax(axis=1)]
        return classification([_SENTIMENT.get(label, label) for label in gold], given)


def _examples(kind: str, row: Row) -> list[tuple[PolarityQuery, str]]:
    """The queries of a row with their polarities: one, or for a directed pair one each way.

    An entity that can't be found (some are misspelt in the table) is put before the sentence, so that the pair stays directed.
    """
    if kind == VOICE:
        start, end = row["start"], row["end"]
        query = PolarityQuery(row["sentence"], row["sentence"][start:end], ((start, end),))
        return [(query, _SENTIMENT[row["label"]])]
    if kind == TOPIC:
        return [(PolarityQuery(row["text"], row["target"]), row["label"])]
    text, names = row["sentence"], (row["p"] or "", row["q"] or "")
    spans = [find_mentions(text, name) or ((0, 0),) for name in names]
    return [
        (PolarityQuery(text, names[target], spans[target], names[holder], spans[holder]), polarity)
        for holder, target, polarity in zip((0, 1), (1, 0), _DIRECTIONS[row["label"]], strict=True)
    ]


def _directed_labels(scores: Any) -> list[str]:
    """The five-way labels of pairs, from the polarities p to q and q to p in turn, shape (2 × pairs, 3)."""
    names = np.array(["p_positive_to_q", "p_negative_to_q", "q_positive_to_p", "q_negative_to_p"])
    polar = scores.reshape(-1, 2, len(POLARITIES))[:, :, [FAVOUR, AGAINST]].reshape(-1, 4)
    return [
        str(one) for one in np.where(polar.max(axis=1) >= DIRECTED_THRESHOLD, names[polar.argmax(axis=1)], "neutral")
    ]


class ClaimsJob:
    """The claim reader."""

    name = "claims"

    def __init__(self, recipe: ClaimsRecipe, whole: BaselineRecipe) -> None:
        self._recipe, self._seed = recipe, whole.seed
        self._bodies = {
            row["body_id"]: row["body"] for row in load_table(whole.resolve(recipe.bodies), ("body_id", "body"))
        }
        pairs = self._read(whole.resolve(recipe.pairs))
        related = [row for row in pairs if row["label"] != "unrelated"]
        unrelated = [row for row in pairs if row["label"] == "unrelated"]
        self._share = min(1.0, recipe.unrelated / max(len(unrelated), 1))
        self._pairs = related + random.Random(whole.seed).sample(unrelated, min(recipe.unrelated, len(unrelated)))
        self._dev_name = recipe.dev or ""
        self._dev = self._read(whole.resolve(recipe.dev)) if recipe.dev else []
        if shared := {row["body_id"] for row in self._dev} & {row["body_id"] for row in pairs}:
            raise InputError(
                f"{len(shared)} bodies stand in the training pairs too, so its figures would be too good.",
                remedy="Split the pairs by body.",
                source=self._dev_name,
            )

    def _read(self, table: str) -> list[Row]:
        rows = load_table(table, ("headline", "body_id", "label"))
        check_classes([row["label"] for row in rows], CLAIM_LABELS, source=table)
        if strange := next((row["body_id"] for row in rows if row["body_id"] not in self._bodies), None):
            raise InputError(f"there is no body {strange!r}.", remedy="Give the bodies of all pairs.", source=table)
        return rows

    def fit(self, parts: Mapping[str, Any]) -> Outcome:
        """Fit on all related and some unrelated pairs; each of these counts for those that were left out."""
        text_vectors = parts["similarity"]["vectors"]
        gold = [row["label"] for row in self._pairs]
        weights = [1.0 if label != "unrelated" else 1.0 / self._share for label in gold]
        model = claim_model(self._recipe.rounds, self._seed)
        model.fit(self._features(self._pairs, text_vectors), gold, sample_weight=weights)
        figures = {}
        if self._dev:
            given = model.predict(self._features(self._dev, text_vectors))
            figures[self._dev_name] = classification([row["label"] for row in self._dev], list(given))
        return Outcome({"claims": model}, figures)

    def _features(self, pairs: Sequence[Row], text_vectors: Any) -> Any:
        claims = list(dict.fromkeys(row["headline"] for row in pairs))
        claim_rows = dict(zip(claims, vectors(text_vectors, claims), strict=True))
        by_body: dict[Any, list[int]] = {}
        for index, row in enumerate(pairs):
            by_body.setdefault(row["body_id"], []).append(index)
        features: list[Any] = [None] * len(pairs)
        for body_id, indices in by_body.items():
            text = self._bodies[body_id]
            body = ClaimFeatures([one.text for one in read_article(text).sentences] or [text], text_vectors)
            for index in indices:
                claim = pairs[index]["headline"]
                features[index] = body.compare(claim, claim_rows[claim])[0]
        return np.stack(features)
