"""From "would a compression keep this word?" to "is this word in the headline?".

A keep scorer is trained on compressions, which keep articles and say nothing of which sentence to choose. A headline has a word
more or less often by its word class, its place, its neighbours, the salience of its sentence, how often the article comes back to
it and how fond headlines are of it (:mod:`copydesk.models.headline_words`). A logistic model over these turns the scorer's
probability into that of the headline, in which sentences can be compared and an expected ROUGE-1 can be summed. Its
weights are learnt by ``training/headline_weights.py`` and ship in ``embedded/headline/odds.json``, one set for each keep scorer.
"""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Self

import numpy as np

from copydesk.models.headline_words import Place, headline_habits, normal, stem
from copydesk.models.lexicon import function_words, lexicon
from copydesk.models.phrases import Parse
from copydesk.models.suite import Floats
from copydesk.models.tagger import TAGS

_KEEP = ("keep", "keep before", "keep after", "keep around", "keep in the sentence", "keep in the lead")
_WORD = (
    "function word", "article", "preposition", "calendar", "attribution", "capital", "all capitals", "length", "quoted",
)  # fmt: skip
_ARTICLE = (
    "repeats", "share of repeats", "in the first sentence", "habit", "habit of a content word", "habit before", "habit after",
    "seen before",
)  # fmt: skip
_PLACE = (
    "early", "place", "from the end", "before the verb", "verb of the sentence", "after the verb", "near the verb",
    "commas before", "no comma before",
)  # fmt: skip
_SENTENCE = ("lead", "second sentence", "words", "salience", "bias")
FEATURES = (*_KEEP, *_WORD, *_ARTICLE, *_PLACE, *(f"tag {tag}" for tag in TAGS), *_SENTENCE)
"""The columns of :func:`odds_features`."""
MAX_LOGIT = 4.0
"""Keep probabilities are read between 1.8% and 98.2%: beyond, their logits are noise."""
MAX_REPEATS = 8
"""More sentences with the word tell no more: a long article looks as the short ones do that the weights were learnt on."""


@dataclass(frozen=True)
class HeadlineOdds:
    """A logistic model over :data:`FEATURES`.

    :param weights: One per feature.
    """

    weights: tuple[float, ...]

    @classmethod
    @cache
    def load(cls, scorer: str) -> Self:
        """The shipped weights for a keep scorer.

        :param scorer: ``reader`` or ``baseline``.
        """
        path = files("copydesk.models") / "embedded" / "headline" / "odds.json"
        table = json.loads(path.read_text(encoding="utf-8"))[scorer]
        return cls(tuple(table[name] for name in FEATURES))

    def probabilities(self, read: Parse, keep: Floats, salience: float, place: Place) -> Floats:
        """Probability of each token to be in the headline, shape (n_tokens,).

        :param read: The parsed sentence.
        :param keep: The keep scorer's probability of each token, shape (n_tokens,).
        :param salience: Of the sentence, as predicted ROUGE-1 F1.
        :param place: Where the sentence stands in its article.
        """
        logits = odds_features(read, keep, salience, place) @ np.asarray(self.weights, dtype=np.float32)
        return np.asarray(1 / (1 + np.exp(-logits)), dtype=np.float32)


def odds_features(read: Parse, keep: Floats, salience: float, place: Place) -> Floats:
    """The features of each token, shape (n_tokens, len(FEATURES)).

    :param read: The parsed sentence, of at least one token.
    :param keep: The keep scorer's probability of each token, shape (n_tokens,).
    :param salience: Of the sentence, as predicted ROUGE-1 F1.
    :param place: Where the sentence stands in its article.
    """
    count = len(read)
    tags = np.asarray([[tag == other for other in TAGS] for tag in read.tags], dtype=np.float32)
    sentence = np.asarray([place.index == 0, place.index == 1, np.log(count / 20), salience, 1.0], dtype=np.float32)
    return np.concatenate(
        [
            _keep_features(keep, lead=place.index == 0),
            _word_features(read),
            _article_features(read, place),
            _place_features(read),
            tags,
            np.repeat(sentence[None, :], count, axis=0),
        ],
        axis=1,
    )


def _keep_features(keep: Floats, *, lead: bool) -> Floats:
    bound = 1 / (1 + np.exp(MAX_LOGIT))
    chance = np.clip(np.asarray(keep, dtype=np.float32), bound, 1 - bound)
    logit = np.log(chance / (1 - chance))
    padded = np.pad(logit, 2, constant_values=0.0)
    around = np.mean([padded[shift : shift + len(logit)] for shift in range(5)], axis=0)
    mean = np.full(len(logit), logit.mean())
    columns = (logit, padded[1 : 1 + len(logit)], padded[3 : 3 + len(logit)], around, mean, logit * lead)
    return np.stack(columns, axis=1).astype(np.float32)


def _word_features(read: Parse) -> Floats:
    functional, articles = function_words(), lexicon("classes", "article")
    said = {index for report in read.reports for index in range(*report.core)}
    dated = {at for index in range(len(read)) for at in range(index, read.calendar_end(index))}
    rows = [
        (
            low in functional,
            low in articles,
            tag in {"IN", "TO", "SB"},
            index in dated,
            index in said,
            word[0].isupper(),
            len(word) > 1 and word.isupper(),
            min(len(word), 12) / 12,
            read.quote_depth[index] > 0,
        )
        for index, (word, low, tag) in enumerate(zip(read.words, read.lower, read.tags, strict=True))
    ]
    return np.asarray(rows, dtype=np.float32)


def _article_features(read: Parse, place: Place) -> Floats:
    functional, table = function_words(), headline_habits()
    forms = [stem(normal(word)) for word in read.words]
    habits = [table.get(form, 0.0) for form in forms]
    rows, seen = [], set[str]()
    for index, (low, form) in enumerate(zip(read.lower, forms, strict=True)):
        content = low not in functional
        repeats = min(place.repeats(form), MAX_REPEATS) if content else 0
        rows.append(
            (
                np.log1p(repeats),
                repeats / max(1, min(len(place.sentences) - 1, MAX_REPEATS)),
                content and place.in_first(form),
                habits[index],
                habits[index] * content,
                habits[index - 1] if index else 0.0,
                habits[index + 1] if index + 1 < len(read) else 0.0,
                form in seen,
            )
        )
        seen.add(form)
    return np.asarray(rows, dtype=np.float32)


def _place_features(read: Parse) -> Floats:
    count = len(read)
    verb = next((index for index in range(count) if read.finite[index]), count)
    rows, commas = [], 0
    for index, word in enumerate(read.words):
        commas += word == ","
        rows.append(
            (
                1 / (1 + index / 4),
                index / count,
                min(count - index, 10) / 10,
                index < verb,
                index == verb,
                0 < index - verb <= 6,
                min(abs(index - verb), 10) / 10,
                min(commas, 3),
                commas == 0,
            )
        )
    return np.asarray(rows, dtype=np.float32)
