"""ROUGE of headlines at a byte limit, beside the yardstick that is hard to beat: the article's first words.

Lin (2004), "ROUGE: A Package for Automatic Evaluation of Summaries"; the limit of 75 bytes is that of DUC-2004, task 1.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from copydesk.models.schema import Article
from copydesk.models.segmenter import read_article
from copydesk.training.resampling import Figure, Resampling, mean_figures

BYTE_LIMIT = 75
"""DUC-2004's limit for a headline, in bytes of UTF-8."""
_MEASURES = ("rouge1", "rouge2", "rougeL")
_NAMES = tuple(f"{name} {part}" for name in ("ROUGE-1", "ROUGE-2", "ROUGE-L") for part in ("F1", "recall"))


@dataclass(frozen=True)
class HeadlineScores:
    """ROUGE-1, -2 and -L, F1 and recall, of two systems against the published headlines.

    :param ours: Metric name to figure, for the headlines given.
    :param lead: The same for the first words of each article's prose, cut at the limit.
    :param difference: Ours minus lead, article by article.
    :param limit: Bytes after which a headline is cut.
    :param unanswered: Articles without a headline; they score 0.
    :param mean_bytes: Mean length of the headlines given, in bytes.
    """

    ours: Mapping[str, Figure]
    lead: Mapping[str, Figure]
    difference: Mapping[str, Figure]
    limit: int
    unanswered: int
    mean_bytes: float


def headline_scores(
    given: Sequence[str],
    leads: Sequence[str],
    published: Sequence[str],
    limit: int,
    resampling: Resampling | None = None,
) -> HeadlineScores:
    """Score headlines and leads, both cut at ``limit`` bytes, against the published headlines.

    :param given: One headline per article; an empty one scores 0.
    :param leads: The yardstick's, of :func:`lead`.
    :param published: What they are compared with.
    :raises ValueError: If the lengths differ or there is no article.
    """
    from rouge_score.rouge_scorer import RougeScorer

    if not len(given) == len(leads) == len(published) or not given:
        raise ValueError(
            f"{len(given)} headlines, {len(leads)} leads and {len(published)} published must be equally many, and some"
        )
    scorer = RougeScorer(_MEASURES, use_stemmer=True)

    def rouge(reference: str, headline: str) -> list[float]:
        scores = scorer.score(reference, cut(headline, limit))
        return [value for measure in _MEASURES for value in (scores[measure].fmeasure, scores[measure].recall)]

    ours = np.array([rouge(reference, headline) for reference, headline in zip(published, given, strict=True)])
    yardstick = np.array([rouge(reference, headline) for reference, headline in zip(published, leads, strict=True)])
    figures = mean_figures(np.concatenate([ours, yardstick, ours - yardstick], axis=1), resampling or Resampling())
    size = len(_NAMES)
    return HeadlineScores(
        ours=dict(zip(_NAMES, figures[:size], strict=True)),
        lead=dict(zip(_NAMES, figures[size : 2 * size], strict=True)),
        difference=dict(zip(_NAMES, figures[2 * size :], strict=True)),
        limit=limit,
        unanswered=sum(not headline for headline in given),
        mean_bytes=float(np.mean([len(headline.encode()) for headline in given])),
    )


def lead(text: str, limit: int) -> str:
    """The first words of an article's prose that fit in ``limit`` bytes: title, caption and dateline are skipped."""
    document = read_article(Article(text=text))
    start = document.sentences[0].start if document.sentences else 0
    return cut(" ".join(text[start : start + 4 * limit].split()), limit)


def cut(headline: str, limit: int) -> str:
    """The whole words of a headline that fit in ``limit`` bytes of UTF-8."""
    encoded = headline.encode()
    if len(encoded) <= limit:
        return headline
    # One byte more is kept, so that a word which ends exactly at the limit is seen to be whole.
    kept = encoded[: limit + 1].decode(errors="ignore")
    return kept.rpartition(" ")[0].rstrip()
