"""Chooses the sentences of a long text that bear on a short query, by the words that they share.

A cross-encoder reads a hundred word pieces, a news article has a thousand. Overlap weighted by inverse document frequency over
the article's own sentences (Spärck Jones, 1972) finds the few sentences that a claim is about without a model.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence

_WORD = re.compile(r"\w+")
LEAD_BONUS = 0.15
"""Added to the first sentence's share of the query's weight: news tells its claim first, so an article that shares no word with
the claim is still judged by its lead. Set by hand; small enough that two shared rare words win."""


def relevant_sentences(sentences: Sequence[str], query: str, max_words: int = 80) -> list[int]:
    """Indices of the sentences most relevant to ``query``, ascending, together at most ``max_words`` words.

    :param sentences: The sentences of one text, in order.
    :param query: A claim or a topic.
    :param max_words: Words of all chosen sentences together; the best one is taken whatever its length.
    :returns: At least one index, unless there are no sentences.
    """
    words = [_words(sentence) for sentence in sentences]
    spread = Counter(word for bag in words for word in set(bag))
    weight = {word: math.log(1 + len(words) / (1 + spread[word])) for word in set(_words(query))}
    total = sum(weight.values()) or 1.0
    scores = [
        sum(weight.get(word, 0.0) for word in set(bag)) / total + (LEAD_BONUS if index == 0 else 0.0)
        for index, bag in enumerate(words)
    ]
    chosen: list[int] = []
    room = max_words
    for index in sorted(range(len(scores)), key=lambda i: (-scores[i], i)):
        if chosen and len(words[index]) > room:
            continue
        chosen.append(index)
        room -= len(words[index])
        if room <= 0:
            break
    return sorted(chosen)


def _words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(text)]
