"""Trains the baseline's ranking of sentences and its keep-or-drop model for words."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from copydesk.configs.errors import InputError
from copydesk.configs.recipe_baseline import BaselineRecipe, KeepRecipe, SalienceRecipe
from copydesk.models.baseline_headline import keep_features, keep_model, salience_features, salience_model
from copydesk.models.segmenter import read_article
from copydesk.models.suite import Floats
from copydesk.models.words import word_spans
from copydesk.training.baseline_parts import Figures, Outcome, round_coefficients
from copydesk.training.headline_alignment import compression_keep_labels
from copydesk.training.tables import load_table


class SalienceJob:
    """How much each sentence of an article has in common with its headline."""

    name = "salience"

    def __init__(self, recipe: SalienceRecipe, whole: BaselineRecipe) -> None:
        columns = ("headline", "lead")
        self._rows = load_table(whole.resolve(recipe.table), columns, limit=recipe.limit, seed=whole.seed)
        self._dev_name = recipe.dev or ""
        self._dev = (
            load_table(whole.resolve(recipe.dev), columns, limit=recipe.dev_limit, seed=whole.seed)
            if recipe.dev
            else []
        )

    def fit(self, parts: Mapping[str, Any]) -> Outcome:
        """Ridge regression on the ROUGE-1 F1 of each sentence with the headline."""
        text_vectors = parts["similarity"]["vectors"]
        stories = self._stories(self._rows, text_vectors)
        if not stories:
            raise InputError("no lead has two sentences or more.", remedy="Give longer leads.", source="salience")
        model = salience_model().fit(np.concatenate([x for x, _ in stories]), np.concatenate([y for _, y in stories]))
        figures = {self._dev_name: self._judge(model, self._stories(self._dev, text_vectors))} if self._dev else {}
        return Outcome({"salience": model}, figures)

    @staticmethod
    def _stories(rows: Sequence[Mapping[str, Any]], text_vectors: Any) -> list[tuple[Floats, Floats]]:
        """Features and targets of the sentences of each story that has something to choose from."""
        scorer = _rouge()
        stories = []
        for row in rows:
            sentences = [sentence.text for sentence in read_article(row["lead"]).sentences]
            if len(sentences) < 2:
                continue
            target = [scorer.score(row["headline"], sentence)["rouge1"].fmeasure for sentence in sentences]
            stories.append((salience_features(sentences, text_vectors), np.asarray(target, dtype=np.float32)))
        return stories

    @staticmethod
    def _judge(model: Any, stories: Sequence[tuple[Floats, Floats]]) -> Figures:
        """Mean ROUGE-1 F1 of the chosen sentence, of the first and of the best that could be chosen."""
        chosen = [target[model.predict(features).argmax()] for features, target in stories]
        return {
            "stories": len(stories),
            "rouge1_f1_chosen": float(np.mean(chosen)),
            "rouge1_f1_first": float(np.mean([target[0] for _, target in stories])),
            "rouge1_f1_best": float(np.mean([target.max() for _, target in stories])),
        }


def _rouge() -> Any:
    from rouge_score.rouge_scorer import RougeScorer

    return RougeScorer(["rouge1"], use_stemmer=True)


class KeepJob:
    """Which words of a sentence its compression keeps."""

    name = "keep"

    def __init__(self, recipe: KeepRecipe, whole: BaselineRecipe) -> None:
        self._recipe, self._table = recipe, recipe.table
        rows = load_table(whole.resolve(recipe.table), ("sentence", "compression"))
        if recipe.held_out >= len(rows):
            raise InputError(
                f"held_out = {recipe.held_out} leaves none of the {len(rows)} rows to train on.",
                remedy="Hold out fewer.",
                source=recipe.table,
            )
        cut = len(rows) - recipe.held_out
        self._train, self._dev = rows[:cut], rows[cut:]

    def fit(self, parts: Mapping[str, Any]) -> Outcome:  # noqa: ARG002 - needs no other part
        """Fit on all words of the training rows; judge at the reference's number of words."""
        examples = _keep_examples(self._train)
        if not examples:
            raise InputError(
                "no compression is made of its sentence's words.", remedy="Look at the table.", source=self._table
            )
        model = keep_model(self._recipe.features, self._recipe.penalty)
        words = [row for rows, _ in examples for row in rows]
        model.fit(words, np.concatenate([kept for _, kept in examples]))
        round_coefficients(model)
        figures = {f"last {len(self._dev)} rows": self._judge(model, _keep_examples(self._dev))} if self._dev else {}
        return Outcome({"keep": model}, figures)

    @staticmethod
    def _judge(model: Any, examples: Sequence[tuple[list[str], Any]]) -> Figures:
        """Token F1 of the best-scored words, as many as the reference keeps (then precision and recall are equal)."""
        hits = []
        for rows, kept in examples:
            best = np.argsort(-model.predict_proba(rows)[:, 1], kind="stable")[: int(kept.sum())]
            hits.append(kept[best].mean())
        return {"sentences": len(examples), "token_f1_at_reference_length": float(np.mean(hits))}


def _keep_examples(rows: Sequence[Mapping[str, Any]]) -> list[tuple[list[str], Any]]:
    """Features and labels of each sentence's words; a compression that is no subsequence, or keeps nothing, teaches nothing."""
    examples = []
    for row in rows:
        labels = compression_keep_labels(row["sentence"], row["compression"])
        if not labels:
            continue
        wanted = {(start, end): target for start, end, target in labels}
        spans = word_spans(row["sentence"])
        features = keep_features(row["sentence"], spans)
        kept = np.asarray([wanted[span] > 0.5 for span in spans if span in wanted], dtype=np.int8)
        if kept.any():
            examples.append(([one for one, span in zip(features, spans, strict=True) if span in wanted], kept))
    return examples
