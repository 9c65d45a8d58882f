"""Learns how fond headlines are of each word, and writes the table.

    python -m copydesk.training.headline_words --data ../shared/data --out models/embedded/headline/words.json

For each stem that stands in the first sentence of an article: the log odds ratio that it stands in the published headline too,
shrunk towards the mean of all stems. The articles that ``training/headline_weights.py`` learns from are left out, so that its
weights don't trust the table more than they should. The table does not depend on the reader.
"""

import argparse
import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from copydesk.models.headline_words import stems
from copydesk.models.schema import Article
from copydesk.models.segmenter import read_article
from copydesk.training.headline_weights import ARTICLES, SEED

MIN_COUNT = 8
"""First sentences that must have a stem; below, it has the mean."""
PRIOR_COUNT = 20
"""Sentences' worth of the mean that each stem's counts are joined with."""


def main(argv: Sequence[str] | None = None) -> None:
    """Learn the table and write it.

    :param argv: Command-line arguments; those of the process by default.
    """
    from datasets import load_dataset

    parser = argparse.ArgumentParser(description="Learns how fond headlines are of each word.")
    parser.add_argument("--data", type=Path, required=True, help="the folder of the development tables")
    parser.add_argument("--out", type=Path, required=True, help="the table to write, JSON")
    arguments = parser.parse_args(argv)
    table = arguments.data / "headlines" / "news_train.parquet"
    rows = load_dataset("parquet", data_files=str(table), split="train").shuffle(seed=SEED)
    pairs = ((row["headline"], row["lead"]) for row in rows.select(range(ARTICLES, len(rows))))
    learnt = habits(_with_first_sentence(pairs))
    arguments.out.write_text(json.dumps(learnt, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")


def habits(pairs: Iterable[tuple[str, str]]) -> Mapping[str, float]:
    """For each stem, the log odds ratio of being in the headline.

    :param pairs: Headline and first sentence of each article.
    """
    seen: Counter[str] = Counter()
    taken: Counter[str] = Counter()
    for headline, sentence in pairs:
        found = stems(sentence)
        seen.update(found)
        taken.update(found & stems(headline))
    if not seen:
        return {}
    mean = min(max(taken.total() / seen.total(), 1e-6), 1 - 1e-6)
    expected = PRIOR_COUNT * mean, PRIOR_COUNT * (1 - mean)
    return {
        word: round(
            math.log((taken[word] + expected[0]) / (count - taken[word] + expected[1])) - math.log(mean / (1 - mean)), 2
        )
        for word, count in sorted(seen.items())
        if count >= MIN_COUNT
    }


def _with_first_sentence(pairs: Iterable[tuple[str, str]]) -> Iterable[tuple[str, str]]:
    for headline, text in pairs:
        document = read_article(Article(text))
        if document.sentences:
            yield headline, document.sentences[0].text


if __name__ == "__main__":
    main()
