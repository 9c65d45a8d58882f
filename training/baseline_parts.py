"""What every part of the baseline's training has in common: read and check first, then fit, then judge."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from sklearn.metrics import accuracy_score, f1_score
from sklearn.pipeline import Pipeline

from copydesk.configs.recipe_baseline import BaselineRecipe, LabelledTexts
from copydesk.models.baseline_events import NO_EVENT
from copydesk.models.segmenter import read_article
from copydesk.training.tables import load_table

Figures = dict[str, float]
SIGNIFICANT_BITS = 8
"""Of a coefficient that is written; what is rounded off is little beside what other training texts would change."""


@dataclass
class Outcome:
    """What fitting a part gives.

    :param parts: Name of a part in the model's folder to its fitted estimators.
    :param figures: What was judged on, to its figures.
    """

    parts: dict[str, Any]
    figures: dict[str, Figures] = field(default_factory=dict)


class Job(Protocol):
    """One part's training. Its constructor reads and checks the tables, so that faults show before time is spent."""

    name: str

    def fit(self, parts: Mapping[str, Any]) -> Outcome:
        """Train and judge.

        :param parts: The parts that are there already, word weights first.
        """
        ...


def round_coefficients(model: Pipeline) -> None:
    """Round the coefficients of a fitted pipeline's last step to eight significant bits, by a 256th of their size at most.

    They stay float32, in which scikit-learn computes; but most of their bits are zero, and a deflated file is half as large.
    """
    last = model[-1]
    mantissa, exponent = np.frexp(last.coef_)
    scale = 1 << SIGNIFICANT_BITS
    last.coef_ = np.ldexp(np.round(mantissa * scale) / scale, exponent).astype(np.float32)


def labelled_texts(source: LabelledTexts, recipe: BaselineRecipe) -> tuple[list[str], list[str]]:
    """Texts and labels of a table, with its labels renamed, dropped and turned to :data:`NO_EVENT` as the recipe says.

    :raises InputError: If the table is unfit.
    """
    rows = load_table(recipe.resolve(source.table), (source.text, source.label), limit=source.limit, seed=recipe.seed)
    kept = [row for row in rows if row[source.label] not in source.drop]
    theirs = [str(row[source.label]) for row in kept]
    ours = [NO_EVENT if label in source.none else source.rename.get(label, label) for label in theirs]
    texts = [row[source.text] for row in kept]
    return (texts if source.sentences is None else [_first_sentences(text, source.sentences) for text in texts]), ours


def _first_sentences(text: str, count: int) -> str:
    sentences = read_article(text).sentences[:count]
    return text[sentences[0].start : sentences[-1].end] if sentences else text


def classification(gold: Sequence[str], given: Sequence[str]) -> Figures:
    """Accuracy, macro and weighted F1 over the labels that occur in ``gold``, and the number of rows."""
    labels = sorted(set(gold))
    return {
        "rows": len(gold),
        "accuracy": float(accuracy_score(gold, given)),
        "macro_f1": float(f1_score(gold, given, labels=labels, average="macro", zero_division=0)),
        "weighted_f1": float(f1_score(gold, given, labels=labels, average="weighted", zero_division=0)),
    }
