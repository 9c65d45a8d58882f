"""Score a predictor's stance toward targets and claims against a labelled table."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from copydesk.configs.errors import InputError
from copydesk.models.schema import Span, Stance
from copydesk.training.evaluation import Evaluation, Predictor, Run, one_by_one, quotes
from copydesk.training.labelled_table import Table
from copydesk.training.metrics import single_label_scores
from copydesk.training.resampling import Figure, Resampling, with_intervals

POLARITY_ALIASES = {
    **dict.fromkeys(("favor", "positive", "pro", "support", "in favour", "in favor"), "favour"),
    **dict.fromkeys(("negative", "con", "anti", "oppose"), "against"),
    **dict.fromkeys(("none", "neither"), "neutral"),
}
"""How published stance tables name the three polarities."""

DIRECTIONS = ("neutral", "p_positive_to_q", "p_negative_to_q", "q_positive_to_p", "q_negative_to_p")
"""Labels of sentences with two entities p and q (Park et al., 2021, "Who Blames or Endorses Whom?")."""


def evaluate_stance(
    predictor: Predictor,
    table: Table,
    text: str,
    targets: Sequence[str | Span],
    gold: Sequence[str],
    *,
    holders: Sequence[str | None] | None = None,
    run: Run | None = None,
) -> Evaluation:
    """Stance of each text, or of a holder in it, toward a target.

    :param text: Column of the text.
    :param targets: One per row: a name, or the span of a mention.
    :param gold: favour, against or neutral for each row.
    :param holders: One per row; ``None`` is the text's own voice.
    """
    run = run or Run()
    questions = list(zip(table.texts(text), targets, holders or [None] * len(table), strict=True))
    stances = [predictor.stance(*question) for question in one_by_one(questions, run.advance)]
    answers = (
        {
            "gold": label,
            "given": stance.polarity,
            "score": float(stance.score),
            "holder": stance.holder,
            "target": stance.target,
            "evidence": quotes(stance.evidence),
            "reason": stance.reason,
            "text": row,
        }
        for label, stance, (row, _, _) in zip(gold, stances, questions, strict=True)
    )
    given, confidence = [stance.polarity for stance in stances], np.array([stance.score for stance in stances])
    return Evaluation(single_label_scores(gold, given, confidence, run.resampling), tuple(answers))


def evaluate_directed_stance(
    predictor: Predictor, table: Table, text: str, pair: tuple[str, str], gold: Sequence[str], *, run: Run | None = None
) -> Evaluation:
    """Sentiment between two entities p and q of a sentence, with its direction.

    Each row asks for the stance of p toward q and of q toward p. The surer of those that take sides is the answer, else neutral.

    :param text: Column of the sentence.
    :param pair: Columns of p and of q.
    :param gold: One of :data:`DIRECTIONS` for each row.
    """
    run = run or Run()
    questions = list(zip(table.texts(text), table.texts(pair[0]), table.texts(pair[1]), strict=True))
    answers = []
    for label, (sentence, p, q) in zip(gold, one_by_one(questions, run.advance), strict=True):
        views = {"p_{}_to_q": predictor.stance(sentence, q, p), "q_{}_to_p": predictor.stance(sentence, p, q)}
        given, score = _direction(views)
        answers.append({"gold": label, "given": given, "score": score, "p": p, "q": q, "text": sentence})
    confidence = np.array([answer["score"] for answer in answers], dtype=float)
    given_labels = [str(answer["given"]) for answer in answers]
    return Evaluation(single_label_scores(gold, given_labels, confidence, run.resampling), tuple(answers))


def evaluate_claims(
    predictor: Predictor, bodies: Sequence[str], claims: Sequence[str], gold: Sequence[str], *, run: Run | None = None
) -> Evaluation:
    """Whether each body agrees with a claim, disagrees, discusses it or is unrelated.

    :param gold: agree, disagree, discuss or unrelated for each row.
    """
    run = run or Run()
    questions = list(zip(bodies, claims, strict=True))
    stances = [predictor.claim_stance(*question) for question in one_by_one(questions, run.advance)]
    answers = (
        {
            "gold": label,
            "given": stance.label,
            "score": float(stance.score),
            "claim": claim,
            "evidence": quotes(stance.evidence),
            "text": body,
        }
        for label, stance, (body, claim) in zip(gold, stances, questions, strict=True)
    )
    given, confidence = [stance.label for stance in stances], np.array([stance.score for stance in stances])
    scores = single_label_scores(gold, given, confidence, run.resampling)
    challenge = {"FNC-1 score": challenge_score(gold, given, run.resampling)}
    return Evaluation(replace(scores, overall={**scores.overall, **challenge}), tuple(answers))


def challenge_score(gold: Sequence[str], given: Sequence[str], resampling: Resampling) -> Figure:
    """The score of the Fake News Challenge, as a share of what perfect answers earn.

    A quarter point for telling related from unrelated, three quarters more for the right one of agree, disagree and discuss
    (fakenewschallenge.org, 2017).
    """

    def points(answers: Sequence[str]) -> NDArray[np.float64]:
        rows = zip(gold, answers, strict=True)
        related = [(label != "unrelated", answer != "unrelated", label == answer) for label, answer in rows]
        return np.array([0.25 * (r == a) + 0.75 * (r and same) for r, a, same in related])

    earned, possible = points(given), points(gold)

    def share(weights: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray((weights @ earned) / (weights @ possible))[:, None]

    return with_intervals([float(earned.sum() / possible.sum())], share, len(gold), resampling)[0]


def one_of(table: Table, column: str, names: Sequence[str], aliases: Mapping[str, str]) -> list[str]:
    """A label column of a task with fixed labels.

    :param aliases: Other spellings, in lower case, to one of ``names``.
    :raises InputError: If a cell is neither; the message gives the row.
    """
    labels = [aliases.get(cell.strip().lower(), cell.strip().lower()) for cell in table.texts(column)]
    for number, label in zip(table.numbers, labels, strict=True):
        if label not in names:
            raise InputError(
                f"row {number} has {label!r} in {column!r}; this task knows {', '.join(names)}.",
                remedy=f"Map it: --map {label!r}=LABEL.",
                source=table.path,
            )
    return labels


def _direction(views: Mapping[str, Stance]) -> tuple[str, float]:
    """The surer view that takes sides, with its score; neutral, as sure as the less sure of the two, where neither does."""
    sided = {name: stance for name, stance in views.items() if stance.polarity != "neutral"}
    if not sided:
        return "neutral", float(min(stance.score for stance in views.values()))
    name, stance = max(sided.items(), key=lambda item: item[1].score)
    return name.format("positive" if stance.polarity == "favour" else "negative"), float(stance.score)
