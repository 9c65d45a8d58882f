"""Trains the baseline's word weights, event taggers and dyad coders."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import f1_score
from sklearn.model_selection import GroupKFold, cross_val_predict, train_test_split

from copydesk.configs.codebook import Codebook
from copydesk.configs.recipe_baseline import BaselineRecipe, DyadsRecipe, EventsRecipe, LabelledTexts, SimilarityRecipe
from copydesk.models.baseline_dyads import BaselineDyadCoder, dyad_features, dyad_model
from copydesk.models.baseline_events import NO_EVENT, BaselineEventTagger, event_model
from copydesk.models.baseline_similarity import LabelMatcher, match_features, match_model, similarity_vectors, wording
from copydesk.models.baseline_text import best_f1_threshold
from copydesk.models.segmenter import read_article
from copydesk.training.baseline_parts import Figures, Outcome, classification, labelled_texts, round_coefficients
from copydesk.training.event_verdicts import ids_by_reference, read_verdicts
from copydesk.training.tables import check_classes, load_table

FOLDS = 5
"""Folds of the figures that are made by cross-validation."""
HELD_OUT = 0.2
"""Share of the training texts that judges an event tagger which has no dev table."""


class SimilarityJob:
    """Word weights from unlabelled news, and how near a text lies to the words of its own label."""

    name = "similarity"

    def __init__(self, recipe: SimilarityRecipe, whole: BaselineRecipe) -> None:
        self._texts = [
            row[source.text]
            for source in recipe.texts
            for row in load_table(whole.resolve(source.table), (source.text,), limit=source.limit, seed=whole.seed)
        ]
        self._match: list[tuple[Codebook, list[str], list[str]]] = []
        for name, source in recipe.match.items():
            codebook = Codebook.load(name)
            texts, labels = labelled_texts(source, whole)
            check_classes(labels, codebook.ids, source=source.table)
            self._match.append((codebook, texts, labels))

    def fit(self, parts: Mapping[str, Any]) -> Outcome:  # noqa: ARG002 - needs no other part
        """Word weights first, then the match of labels, whose threshold is the best F1 over all (text, label) pairs."""
        text_vectors = similarity_vectors().fit(self._texts)
        features, target = [], []
        for codebook, texts, labels in self._match:
            cells = match_features(text_vectors, texts, [wording(label) for label in codebook.labels])
            features.append(cells.reshape(-1, cells.shape[-1]))
            target.append(np.asarray([label_id == gold for gold in labels for label_id in codebook.ids]))
        every, gold = np.concatenate(features), np.concatenate(target)
        held_out = cross_val_predict(match_model(), every, gold, cv=FOLDS, method="predict_proba")[:, 1]
        threshold = best_f1_threshold(gold, held_out)
        model = match_model().fit(every, gold)
        part = {"vectors": text_vectors, "match": model, "threshold": threshold}
        matcher = LabelMatcher(text_vectors, model, threshold)
        return Outcome(
            {"similarity": part}, {f"match {one[0].name}": self._judge(matcher, *one) for one in self._match}
        )

    @staticmethod
    def _judge(matcher: LabelMatcher, codebook: Codebook, texts: Sequence[str], labels: Sequence[str]) -> Figures:
        chosen = matcher.match(texts, [wording(label) for label in codebook.labels]).argmax(axis=1)
        return classification(labels, [codebook.ids[index] for index in chosen])


class EventsJob:
    """An event tagger for one codebook."""

    def __init__(self, recipe: EventsRecipe, whole: BaselineRecipe) -> None:
        self._recipe, self._seed = recipe, whole.seed
        self._codebook = Codebook.load(recipe.codebook)
        self.name = f"events {self._codebook.name}"
        self._texts, self._labels = self._read(recipe.train, whole)
        if recipe.verdicts:
            for text, label in told_sentences(Path(whole.resolve(recipe.verdicts)), whole.data, self._codebook):
                self._texts.append(text)
                self._labels.append(label)
        check_classes(
            self._labels, (*self._codebook.ids, NO_EVENT), source=", ".join(one.table for one in recipe.train)
        )
        self._dev = {one.table: self._read((one,), whole) for one in recipe.dev}
        for table, (_, labels) in self._dev.items():
            check_classes(labels, self._codebook.ids, source=table)

    @staticmethod
    def _read(sources: Sequence[LabelledTexts], whole: BaselineRecipe) -> tuple[list[str], list[str]]:
        pairs = [labelled_texts(source, whole) for source in sources]
        return [text for texts, _ in pairs for text in texts], [label for _, labels in pairs for label in labels]

    def fit(self, parts: Mapping[str, Any]) -> Outcome:
        """Fit on all training texts; judge on each dev table as the predictor would, or on a held-out fifth without one."""
        recipe = self._recipe
        model = event_model(recipe.words, recipe.chars, recipe.penalty, self._seed)
        model.fit(self._texts, self._labels)
        round_coefficients(model)
        similarity = parts["similarity"]
        matcher = LabelMatcher(similarity["vectors"], similarity["match"], similarity["threshold"])
        trained = BaselineEventTagger({self._codebook.name: model}, matcher)
        untrained = BaselineEventTagger({}, matcher)
        figures: dict[str, Figures] = {}
        for table, (texts, labels) in self._dev.items():
            figures[table] = self._judge(trained, texts, labels)
            figures[f"{table} (similarity alone)"] = self._judge(untrained, texts, labels)
        if not self._dev:
            figures["held-out fifth"] = self._held_out()
        return Outcome({f"events-{self._codebook.name}": model}, figures)

    def _judge(self, tagger: BaselineEventTagger, texts: Sequence[str], labels: Sequence[str]) -> Figures:
        documents = [read_article(text) for text in texts]
        exclusive = [tags[0].label for tags in tagger.tag(documents, self._codebook, exclusive=True)]
        free = [{tag.label for tag in tags} for tags in tagger.tag(documents, self._codebook)]
        given = np.asarray([[label_id in one for label_id in self._codebook.ids] for one in free])
        gold = np.asarray([[label_id == label for label_id in self._codebook.ids] for label in labels])
        micro = float(f1_score(gold, given, average="micro", zero_division=0))
        return {
            **classification(labels, exclusive),
            "multi_label_micro_f1": micro,
            "none_given": float((~given.any(1)).mean()),
        }

    def _held_out(self) -> Figures:
        recipe = self._recipe
        model = event_model(recipe.words, recipe.chars, recipe.penalty, self._seed)
        texts, rest, labels, gold = train_test_split(
            self._texts, self._labels, test_size=HELD_OUT, random_state=self._seed, stratify=self._labels
        )
        return classification(gold, list(model.fit(texts, labels).predict(rest)))


def told_sentences(path: Path, data: Path, codebook: Codebook) -> Iterator[tuple[str, str]]:
    """Sentences of training tables with each type of a codebook that they tell by our verdicts, or with none.

    Those that there was doubt about are left out.
    """
    ids = ids_by_reference(codebook)
    for one in read_verdicts(path, data):
        if one.is_whole and not one.is_dev and not one.doubtful and ids.keys() >= set(one.asked):
            for label in sorted(ids[held] for held in one.held) or [NO_EVENT]:
                yield one.text, label


class DyadsJob:
    """A dyad coder for one codebook."""

    def __init__(self, recipe: DyadsRecipe, whole: BaselineRecipe) -> None:
        self._recipe = recipe
        self._codebook = Codebook.load(recipe.codebook)
        self.name = f"dyads {self._codebook.name}"
        table = whole.resolve(recipe.table)
        columns = ("sentence", "source", "target", recipe.label, *([recipe.group] if recipe.group else []))
        rows = load_table(table, columns)
        self._dyads = [(row["sentence"], row["source"], row["target"]) for row in rows]
        self._labels = [row[recipe.label] for row in rows]
        check_classes(self._labels, self._codebook.ids, source=table)
        self._groups = [str(row[recipe.group]) if recipe.group else row["sentence"] for row in rows]

    def fit(self, parts: Mapping[str, Any]) -> Outcome:
        """Fit on all rows; judge by cross-validation with all pairs of a sentence in one fold."""
        features = np.asarray([dyad_features(*dyad) for dyad in self._dyads], dtype=object)
        model = dyad_model(self._recipe.features, self._recipe.penalty)
        folds = GroupKFold(min(FOLDS, len(set(self._groups))))
        given = cross_val_predict(model, features, self._labels, cv=folds, groups=self._groups)
        similarity = parts["similarity"]
        matcher = LabelMatcher(similarity["vectors"], similarity["match"], similarity["threshold"])
        matched = [code.label for code in BaselineDyadCoder({}, matcher).code(self._dyads, self._codebook)]
        figures = {
            "cross-validation by sentence": classification(self._labels, list(given)),
            "similarity alone": classification(self._labels, matched),
        }
        model.fit(features, self._labels)
        round_coefficients(model)
        return Outcome({f"dyads-{self._codebook.name}": model}, figures)
