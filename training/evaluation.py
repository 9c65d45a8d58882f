"""Run a predictor over a labelled table and score its answers: events, dyads and headlines.

Stance and claims are in :mod:`copydesk.training.stance_evaluation`.

The predictor is the one that users call, so what is measured is what they get: segmentation, thresholds and all.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from copydesk.configs.codebook import Codebook
from copydesk.models.schema import ClaimStance, DyadCode, EventTag, Evidence, Headline, Span, Stance
from copydesk.models.suite import Suite
from copydesk.training.gold_labels import GoldLabels, lineage, restricted, without_thresholds
from copydesk.training.headline_scores import HeadlineScores, headline_scores, lead
from copydesk.training.labelled_table import Table
from copydesk.training.metrics import Scores, multi_label_scores, single_label_scores
from copydesk.training.resampling import Resampling

BATCH = 64
"""Rows given to the predictor at a time; between batches the progress moves."""

Advance = Callable[[int], None]
Answer = Mapping[str, Any]
T = TypeVar("T")


class Predictor(Protocol):
    """What evaluation calls: the public face of ``copydesk.ArticlePredictor``."""

    suite: Suite

    def tag_events(
        self, texts: Sequence[str], codebook: Codebook = ..., *, exclusive: bool = ...
    ) -> list[tuple[EventTag, ...]]:
        """Event tags of each text."""
        ...

    def code_dyads(self, dyads: Sequence[tuple[str, str, str]], codebook: Codebook = ...) -> list[DyadCode]:
        """One code per (sentence, source, target)."""
        ...

    def stance(self, text: str, target: str | Span, holder: str | None = ...) -> Stance:
        """Stance of a holder toward a target."""
        ...

    def claim_stance(self, text: str, claim: str) -> ClaimStance:
        """Stance of a text toward a claim."""
        ...

    def headline(self, text: str, max_chars: int = ...) -> Headline | None:
        """A headline of the text's words."""
        ...


@dataclass(frozen=True)
class Run:
    """How an evaluation is run.

    :param resampling: How the intervals are made.
    :param advance: Called with the number of rows done since the last call.
    """

    resampling: Resampling = field(default_factory=Resampling)
    advance: Advance = lambda _: None


@dataclass(frozen=True)
class Evaluation:
    """What came out.

    :param scores: The figures.
    :param answers: One record per row, in the table's order: what was right, what was given, on which evidence.
    """

    scores: Scores | HeadlineScores
    answers: tuple[Answer, ...]

    def figures(self) -> dict[str, Any]:
        """The figures, JSON-ready; of a confusion table also what its rows and columns are."""
        figures = asdict(self.scores)
        if isinstance(self.scores, Scores) and self.scores.confusion:
            names = [one.label for one in self.scores.labels]
            figures["confusion_axes"] = {"rows": "gold", "columns": "given", "labels": names}
        return figures


def evaluate_exclusive_events(
    predictor: Predictor,
    table: Table,
    text: str,
    gold: GoldLabels,
    *,
    present_only: bool = False,
    run: Run | None = None,
) -> Evaluation:
    """One event type per row: the best label, whatever the thresholds.

    Where the table codes parents and the tagger gives a sub-type, the sub-type counts as its parent.

    :param text: Column of the text.
    :param gold: One label per row.
    :param present_only: Choose among the labels that occur in the table, not among the whole codebook.
    :raises InputError: If a row has no label or several, or no text.
    """
    run = run or Run()
    right = gold.one_each(table)
    codebook = restricted(gold.codebook, gold.present) if present_only else gold.codebook
    tags = [
        tags[0]
        for batch in _batches(table.texts(text), run.advance)
        for tags in predictor.tag_events(batch, codebook, exclusive=True)
    ]
    given = [next((name for name in lineage(codebook, tag.label) if name in gold.present), tag.label) for tag in tags]
    answers = (
        {"gold": label, "given": name, "score": float(tag.score), "evidence": quotes(tag.evidence), "text": row}
        for label, name, tag, row in zip(right, given, tags, table.texts(text), strict=True)
    )
    confidence = np.array([tag.score for tag in tags])
    return Evaluation(single_label_scores(right, given, confidence, run.resampling), tuple(answers))


def evaluate_events(
    predictor: Predictor, table: Table, text: str, gold: GoldLabels, *, run: Run | None = None
) -> Evaluation:
    """Zero, one or many event types per row: every label that reaches its threshold.

    :param text: Column of the text.
    :param gold: The labels of each row; a sub-type's parents count as right.
    """
    run = run or Run()
    codebook = gold.codebook
    scores = event_scores(predictor, table.texts(text), codebook, run.advance)
    thresholds = np.array([codebook.threshold_of(label) for label in codebook.labels])
    right = np.array([[name in labels for name in codebook.ids] for labels in gold.with_ancestors()])
    judged = [codebook.ids.index(name) for name in gold.judged]
    given = (scores >= thresholds)[:, judged]
    figures = multi_label_scores(right[:, judged], given, scores[:, judged], gold.judged, run.resampling)
    answers = (
        {
            "gold": [name for name, is_right in zip(gold.judged, row_right, strict=True) if is_right],
            "given": [name for name, is_given in zip(gold.judged, row_given, strict=True) if is_given],
            "scores": dict(zip(gold.judged, map(float, row_scores), strict=True)),
            "text": row,
        }
        for row_right, row_given, row_scores, row in zip(
            right[:, judged], given, scores[:, judged], table.texts(text), strict=True
        )
    )
    return Evaluation(figures, tuple(answers))


def event_scores(
    predictor: Predictor, texts: Sequence[str], codebook: Codebook, advance: Advance = lambda _: None
) -> NDArray[np.float64]:
    """The score of every label on every text, 0 where the tagger did not consider it.

    :returns: Shape (len(texts), len(codebook.labels)).
    """
    column = {name: index for index, name in enumerate(codebook.ids)}
    scores = np.zeros((len(texts), len(column)))
    every = without_thresholds(codebook)
    tags_of_texts = (tags for batch in _batches(texts, advance) for tags in predictor.tag_events(batch, every))
    for row, tags in enumerate(tags_of_texts):
        for tag in tags:
            scores[row, column[tag.label]] = tag.score
    return scores


def evaluate_dyads(
    predictor: Predictor,
    table: Table,
    columns: tuple[str, str, str],
    gold: GoldLabels,
    *,
    present_only: bool = False,
    run: Run | None = None,
) -> Evaluation:
    """Who did what to whom: one code per row.

    :param columns: Those of the sentence, the source and the target.
    :param gold: One label per row.
    :raises InputError: If a row has no label or several, or an empty cell.
    """
    run = run or Run()
    right = gold.one_each(table)
    codebook = restricted(gold.codebook, gold.present) if present_only else gold.codebook
    dyads = list(zip(*(table.texts(column) for column in columns), strict=True))
    codes = [code for batch in _batches(dyads, run.advance) for code in predictor.code_dyads(batch, codebook)]
    answers = (
        {
            "gold": label,
            "given": code.label,
            "score": float(code.score),
            "source": source,
            "target": target,
            "sentence": sentence,
        }
        for label, code, (sentence, source, target) in zip(right, codes, dyads, strict=True)
    )
    given, confidence = [code.label for code in codes], np.array([code.score for code in codes])
    return Evaluation(single_label_scores(right, given, confidence, run.resampling), tuple(answers))


def evaluate_headlines(
    predictor: Predictor, table: Table, text: str, published: str, limit: int, *, run: Run | None = None
) -> Evaluation:
    """Headlines at a byte limit against the published ones, beside the first words of the prose.

    :param text: Column of the article's text, without its headline.
    :param published: Column of the published headline.
    :param limit: Bytes of UTF-8.
    """
    run = run or Run()
    texts, references = table.texts(text), table.texts(published)
    headlines = [predictor.headline(row, limit) for row in one_by_one(texts, run.advance)]
    given = [headline.text if headline else "" for headline in headlines]
    leads = [lead(row, limit) for row in texts]
    answers = (
        {"gold": reference, "given": ours, "lead": first_words, "text": row}
        for reference, ours, first_words, row in zip(references, given, leads, texts, strict=True)
    )
    return Evaluation(headline_scores(given, leads, references, limit, run.resampling), tuple(answers))


def quotes(evidence: Iterable[Evidence]) -> list[str]:
    """The quoted words, for the file of answers."""
    return [proof.text for proof in evidence]


def _batches(items: Sequence[T], advance: Advance) -> Iterator[Sequence[T]]:
    """The items in batches; progress moves when the next one is asked for."""
    for start in range(0, len(items), BATCH):
        batch = items[start : start + BATCH]
        yield batch
        advance(len(batch))


def one_by_one(items: Sequence[T], advance: Advance) -> Iterator[T]:
    """The items, for tasks that ask about one row at a time; progress moves when the next one is asked for."""
    for item in items:
        yield item
        advance(1)
