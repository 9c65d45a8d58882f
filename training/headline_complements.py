"""Learns from untagged news which words are rarely whole without a certain preposition, particle, "to" or "that".

    python -m copydesk.training.headline_complements --data ../shared/data --out models/embedded/headline

A word takes a complement where it mostly has one: "reliance" is followed by "on" in two of three places, and by a full stop or a
comma in hardly any. ``complements.txt`` has pairs ("reliance on") and triples ("in line with"); no headline stops between
them. It does not depend on the reader.
"""

import argparse
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from copydesk.models.lexicon import function_words, lexicon
from copydesk.models.sentence_words import PARTICLES
from copydesk.models.words import word_spans

COUNT = 12
"""A complement seen less often with its word is not known to be one."""
SHARE = 0.5
"""Share of the word's occurrences that the complement follows, at least."""
CLAUSE_SHARE = 0.4
"""The same for "to" and "that", which open a clause."""
WHOLE = 0.8
"""How often the complement follows, where it or the end of a phrase does."""
_ADVERBS = frozenset({"away", "back", "together", "apart"})
_ENDS = frozenset({".", ",", ";", ":", "?", "!", "--", "and", "or", "but"})


def main(argv: Sequence[str] | None = None) -> None:
    """Learn the table and write it.

    :param argv: Command-line arguments; those of the process by default.
    """
    from datasets import load_dataset

    parser = argparse.ArgumentParser(description="Learns which words need a complement.")
    parser.add_argument("--data", type=Path, required=True, help="the folder of the development tables")
    parser.add_argument("--out", type=Path, required=True, help="the folder to write to")
    arguments = parser.parse_args(argv)
    table = arguments.data / "headlines" / "news_train.parquet"
    leads = load_dataset("parquet", data_files=str(table), split="train")["lead"]
    articles = ([text[start:end] for start, end in word_spans(text)] for text in leads)
    lines = "".join(f"{' '.join(words)}\n" for words in sorted(complements(articles)))
    (arguments.out / "complements.txt").write_text(lines, encoding="utf-8")


def complements(articles: Iterable[Sequence[str]]) -> Iterator[tuple[str, ...]]:
    """Words in lower case with what completes them: (word, complement) or (preposition, word, complement).

    :param articles: The words of each text.
    """
    words: Counter[tuple[str, ...]] = Counter()
    completed: Counter[tuple[tuple[str, ...], str]] = Counter()
    ended: Counter[tuple[str, ...]] = Counter()
    completing = lexicon("classes", "preposition") | PARTICLES | _ADVERBS | {"to", "that"}
    for article in articles:
        for index, (word, follows) in enumerate(pairwise(article)):
            for phrase in _phrases(article, index, word):
                words[phrase] += 1
                ended[phrase] += follows in _ENDS
                if follows in completing:
                    completed[phrase, follows] += 1
    found = {
        (*phrase, follows)
        for (phrase, follows), count in completed.items()
        if count >= COUNT
        and count >= _least_share(follows) * words[phrase]
        and count >= WHOLE * (count + ended[phrase])
    }
    yield from (known for known in found if known[1:] not in found)


def _least_share(completing: str) -> float:
    return CLAUSE_SHARE if completing in {"to", "that"} else SHARE


def _phrases(article: Sequence[str], index: int, word: str) -> Iterator[tuple[str, ...]]:
    """The word, and the word with the preposition before it; nothing for names and closed classes."""
    if not word[0].isalpha() or not word.islower() or word in function_words():
        return
    yield (word,)
    before = article[index - 1].lower() if index else ""
    if before in lexicon("classes", "preposition"):
        yield before, word


if __name__ == "__main__":
    main()
