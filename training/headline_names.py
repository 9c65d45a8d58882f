"""Learns from untagged news which pairs of words are one term and how people are named, and writes the two tables.

    python -m copydesk.training.headline_names --data ../shared/data --out models/embedded/headline

``collocations.txt`` has pairs such as "real estate", which no headline splits; ``people.json`` has first names and, for the
surnames of the news, whom each makes one think of. Neither depends on the reader.
"""

import argparse
import json
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

from copydesk.models.lexicon import function_words, lexicon
from copydesk.models.words import word_spans

PAIR_COUNT = 8
"""A pair seen less often is not known to be one."""
PAIR_INFORMATION = 4.5
"""Pointwise mutual information, in nats, from which on a pair may be one term; by reading 60 pairs around it."""
PAIR_SHARE = 0.1
"""Share of either word's occurrences that a term accounts for, at least."""
NAME_COUNT = 4
"""How often a word must stand between a title and a surname to be a first name, and a surname must be seen to be known."""
NAME_CAPITALS = 0.9
"""A first name is written with a capital at least this often: "Will" and "Mark" are not names alone."""
USUAL_SHARE = 0.8
"""The share of a surname's first names that its usual bearer has; below, several people share it."""


def main(argv: Sequence[str] | None = None) -> None:
    """Learn the tables and write them.

    :param argv: Command-line arguments; those of the process by default.
    """
    from datasets import load_dataset

    parser = argparse.ArgumentParser(description="Learns collocations and names for shorter noun phrases.")
    parser.add_argument("--data", type=Path, required=True, help="the folder of the development tables")
    parser.add_argument("--out", type=Path, required=True, help="the folder to write to")
    arguments = parser.parse_args(argv)
    table = arguments.data / "headlines" / "news_train.parquet"
    leads = load_dataset("parquet", data_files=str(table), split="train")["lead"]
    articles = [[text[start:end] for start, end in word_spans(text)] for text in leads]
    pairs = "".join(f"{left} {right}\n" for left, right in sorted(collocations(articles)))
    (arguments.out / "collocations.txt").write_text(pairs, encoding="utf-8")
    names = json.dumps(people(articles), ensure_ascii=False, indent=0)
    (arguments.out / "people.json").write_text(names + "\n", encoding="utf-8")


def collocations(articles: Iterable[Sequence[str]]) -> Iterator[tuple[str, str]]:
    """Pairs of lower-case words that stand together far more often than by chance.

    :param articles: The words of each text.
    """
    words: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    functional = function_words()

    def plain(word: str) -> bool:
        return word[0].isalpha() and word.islower() and word not in functional

    for article in articles:
        words.update(word for word in article if plain(word))
        pairs.update((left, right) for left, right in pairwise(article) if plain(left) and plain(right))
    total = words.total()
    for (left, right), count in pairs.items():
        information = math.log(count * total / words[left] / words[right])
        share = count / min(words[left], words[right])
        if count >= PAIR_COUNT and information >= PAIR_INFORMATION and share >= PAIR_SHARE:
            yield left, right


def people(articles: Sequence[Sequence[str]]) -> Mapping[str, object]:
    """First names, the usual first name of each surname, and the surnames that several people share.

    :param articles: The words of each text.
    """
    first = _first_names(articles)
    bearers: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for article in articles:
        for one, surname in pairwise(article):
            if one in first and surname.istitle() and surname.isalpha():
                bearers[surname][one] += 1
    known = {surname: names for surname, names in sorted(bearers.items()) if names.total() >= NAME_COUNT}
    usual = {surname: names.most_common(1)[0] for surname, names in known.items()}
    clear = {surname: name for surname, (name, count) in usual.items() if count >= USUAL_SHARE * known[surname].total()}
    return {"first": sorted(first), "usual": clear, "shared": sorted(set(known) - set(clear))}


def _first_names(articles: Iterable[Sequence[str]]) -> frozenset[str]:
    """What stands between a title and one more capitalised word, unless it is a surname before a given name or a common word."""
    titles, excluded = lexicon("names", "title"), lexicon("names", "organisation") | lexicon("names", "family_first")
    counts: Counter[str] = Counter()
    capitals: Counter[str] = Counter()
    forms: Counter[str] = Counter()
    for article in articles:
        forms.update(word.lower() for word in article)
        capitals.update(word.lower() for word in article if word[0].isupper())
        for title, one, surname, after in zip(article, article[1:], article[2:], article[3:], strict=False):
            named = title.lower() in titles and _is_name(one) and _is_name(surname) and not _is_name(after)
            if named and not {one.lower(), surname.lower()} & titles:
                counts[one] += 1
    return frozenset(
        name
        for name, count in counts.items()
        if count >= NAME_COUNT
        and capitals[name.lower()] >= NAME_CAPITALS * forms[name.lower()]
        and name.lower() not in excluded | lexicon("names", "not_first")
    )


def _is_name(word: str) -> bool:
    return word.istitle() and word.isalpha()


if __name__ == "__main__":
    main()
