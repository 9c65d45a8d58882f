"""Learns the few weights that the headliner adds to a reader: which sentence, and which words a headline has.

    python -m copydesk.training.headline_weights --data ../shared/data --reader models/embedded/reader \
        --baseline models/embedded/baseline --out models/embedded/headline

Both models are linear, with a dozen weights for the salience and 65 for the words, learnt on ``headlines/news_train`` only.
"""

import argparse
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from copydesk.models import headline_odds, salience
from copydesk.models.document import Document
from copydesk.models.headline_odds import odds_features
from copydesk.models.headline_words import Place, stems
from copydesk.models.phrases import parse
from copydesk.models.salience import EncoderSalience, SalienceWeights, salience_features
from copydesk.models.schema import Article
from copydesk.models.segmenter import read_article
from copydesk.models.suite import Floats, KeepScorer, SalienceScorer, SentenceEncoder
from copydesk.models.words import is_word
from copydesk.training.headline_alignment import same_word_stem

ARTICLES = 900
"""Articles read; two minutes for a reader on one core."""
SENTENCES = 4
"""Sentences of each article that teach the odds, as many as the headliner tries first."""
PENALTY = 0.3
"""Inverse strength of the L2 penalty on the odds' weights; a tenth of it is 0.1 points of ROUGE-1 away."""
SEED = 13


@dataclass(frozen=True)
class Story:
    """A read article with its published headline."""

    document: Document
    headline: str


def main(argv: Sequence[str] | None = None) -> None:
    """Learn the weights and write them.

    :param argv: Command-line arguments; those of the process by default.
    """
    parser = argparse.ArgumentParser(description="Learns the salience and the headline odds.")
    parser.add_argument("--data", type=Path, required=True, help="the folder of the development tables")
    parser.add_argument("--reader", required=True, help="folder of the reader")
    parser.add_argument("--baseline", help="folder of the baseline; its odds are learnt too")
    parser.add_argument("--out", type=Path, required=True, help="the folder to write to")
    parser.add_argument("--articles", type=int, default=ARTICLES)
    arguments = parser.parse_args(argv)
    stories = list(read_stories(arguments.data / "headlines" / "news_train.parquet", arguments.articles))
    arguments.out.mkdir(parents=True, exist_ok=True)

    from copydesk.models.reader import Reader
    from copydesk.models.reader_headline import ReaderKeep

    reader = Reader.load(arguments.reader)
    learnt = fit_salience(stories, reader)
    _write(
        arguments.out / "salience.json",
        {"weights": dict(zip(salience.FEATURES, learnt.weights, strict=True)), "bias": learnt.bias},
    )
    odds = {"reader": fit_odds(stories, EncoderSalience(reader, learnt), ReaderKeep(reader))}
    if arguments.baseline:
        scorer, keeper = _baseline(arguments.baseline)
        odds["baseline"] = fit_odds(stories, scorer, keeper)
    _write(arguments.out / "odds.json", odds)


def read_stories(table: Path, count: int) -> Iterator[Story]:
    """A seeded sample of the articles that have prose."""
    from datasets import load_dataset

    rows = load_dataset("parquet", data_files=str(table), split="train").shuffle(seed=SEED)
    for row in rows.select(range(min(count, len(rows)))):
        document = read_article(Article(row["lead"]))
        if document.sentences:
            yield Story(document, row["headline"])


def fit_salience(stories: Sequence[Story], encoder: SentenceEncoder) -> SalienceWeights:
    """Ridge regression of each sentence's ROUGE-1 F1 with the headline."""
    from rouge_score.rouge_scorer import RougeScorer
    from sklearn.linear_model import Ridge

    scorer = RougeScorer(["rouge1"], use_stemmer=True)
    texts = [sentence.text for story in stories for sentence in story.document.sentences]
    encoded = encoder.encode(texts)
    rows: list[Floats] = []
    targets: list[float] = []
    at = 0
    for story in stories:
        sentences = [sentence.text for sentence in story.document.sentences]
        rows.append(salience_features(sentences, encoded[at : at + len(sentences)]))
        targets.extend(scorer.score(story.headline, text)["rouge1"].fmeasure for text in sentences)
        at += len(sentences)
    model = Ridge(alpha=1.0).fit(np.concatenate(rows), np.asarray(targets))
    return SalienceWeights(tuple(round(float(weight), 5) for weight in model.coef_), round(float(model.intercept_), 5))


def fit_odds(stories: Sequence[Story], scorer: SalienceScorer, keeper: KeepScorer) -> dict[str, float]:
    """Logistic regression: is the word, by its stem, in the headline?"""
    from sklearn.linear_model import LogisticRegression

    chosen = []
    for story in stories:
        known = [stems(sentence.text) for sentence in story.document.sentences]
        values = scorer.salience(story.document)
        for index, sentence in enumerate(story.document.sentences[:SENTENCES]):
            chosen.append((parse(sentence.text), float(values[index]), Place(index, known), story.headline))
    reads = [read for read, *_ in chosen]
    keeps = keeper.keep([read.text for read in reads], [read.spans for read in reads])
    rows: list[Floats] = []
    targets: list[bool] = []
    for keep, (read, value, place, headline) in zip(keeps, chosen, strict=True):
        in_headline: Callable[[str], bool] = same_word_stem(headline)
        words = [index for index, word in enumerate(read.words) if is_word(word)]
        rows.append(odds_features(read, keep, value, place)[words])
        targets.extend(in_headline(read.words[index]) for index in words)
    features = np.concatenate(rows).astype(np.float64)
    scale = features.std(axis=0)
    scale[scale < 1e-6] = 1.0  # the bias, and classes of words that never stand there
    model = LogisticRegression(C=PENALTY, fit_intercept=False, max_iter=1000).fit(features / scale, targets)
    learnt = model.coef_[0] / scale
    return {name: round(float(weight), 4) for name, weight in zip(headline_odds.FEATURES, learnt, strict=True)}


def _baseline(folder: str) -> tuple[SalienceScorer, KeepScorer]:
    from copydesk.models.baseline import read_parts
    from copydesk.models.baseline_headline import BaselineKeep, BaselineSalience

    parts: Any = read_parts(Path(folder))
    return BaselineSalience(parts["similarity"]["vectors"], parts["salience"]), BaselineKeep(parts["keep"])


def _write(path: Path, table: object) -> None:
    path.write_text(json.dumps(table, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
