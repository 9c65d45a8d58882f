"""Word classes, by a small hidden Markov model: enough grammar to know where a sentence may be cut.

The classes are coarse (:data:`TAGS`). Closed ones are listed in ``configs/lexicons/headline.toml``; open ones have a learnt table
(``embedded/headline/tagger.json``, made by ``training/headline_tagger.py``). Tagging is one Viterbi pass, linear in the words.
"""

import json
import math
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from copydesk.models.lexicon import lexicon

CLOSED = ("DT", "PS", "IN", "TO", "CC", "SB", "RL", "TH", "PR", "PO", "MD", "BE", "HV", "DO", "NG", "PU", "PZ")
"""Article or determiner, possessive pronoun, preposition, "to", conjunction, subordinator, relative pronoun, "that", subject and
object pronoun, modal, forms of be, have and do, negation, punctuation, possessive noun ("Iran's")."""
OPEN = ("NN", "NS", "NP", "JJ", "RB", "CD", "VB", "VZ", "VD", "VN", "VG")
"""Singular and plural noun, name, adjective, adverb, number, and verbs: base form, third person, past, participle, -ing."""
TAGS = CLOSED + OPEN

_ORDER = (
    ("article", "DT"),
    ("negation", "NG"),
    ("possessive", "PS"),
    ("subordinator", "SB"),
    ("relative", "RL"),
    ("conjunction", "CC"),
    ("modal", "MD"),
    ("be", "BE"),
    ("have", "HV"),
    ("do", "DO"),
    ("subject", "PR"),
    ("object", "PO"),
    ("determiner", "DT"),
    ("preposition", "IN"),
    ("adverb", "RB"),
    ("number", "CD"),
)
_CONTRACTED = {"n't": 3, "'ll": 3, "'re": 3, "'ve": 3, "'m": 2, "'d": 2}
_IRREGULAR_NOT = {"wo": "MD", "ca": "MD", "sha": "MD", "ai": "BE"}
_UNKNOWN = {"NN": 1.0, "JJ": 0.5, "NP": 0.5}
"""Emission of a form with neither an entry nor a known ending."""
_NAME_EMISSION = 3.0
"""Emission of NP for a capitalised word inside a sentence: the spelling outweighs the form's own classes."""


@lru_cache(maxsize=1 << 16)
def closed_tag(form: str) -> str | None:  # noqa: PLR0911 - one class after the other
    """The closed class of a lower-case token, or ``None`` if its class is open.

    "Not" counts with "don't", which takes the class of its verb; possessives are their own class.
    """
    form = form.replace("’", "'")
    if form == "&":
        return "CC"
    if not any(character.isalnum() for character in form):
        return "PU"
    if form in {"to", "that"}:
        return "TO" if form == "to" else "TH"
    for section, tag in _ORDER:
        if form in lexicon("classes", section):
            return tag
    for ending, length in _CONTRACTED.items():
        if form.endswith(ending):
            return _contracted(form[:-length], ending)
    if form.endswith(("'s", "s'")):
        return "PR" if form[:-2] in lexicon("classes", "subject") | {"that", "what", "let"} else "PZ"
    return "CD" if form[0].isdigit() or (form[0] in "$€£¥₹" and len(form) > 1) else None


def _contracted(verb: str, ending: str) -> str | None:
    if ending != "n't":
        return "PR"
    return _IRREGULAR_NOT.get(verb) or closed_tag(verb)


class Tagger:
    """First-order hidden Markov model.

    :param table: ``emission`` (form to tag to score), ``suffix`` (three-letter ending to the same) and ``transition`` (log
        probabilities, rows and columns in the order of :data:`TAGS`).
    """

    def __init__(self, table: Mapping[str, Any]) -> None:
        self._emission: Mapping[str, Mapping[str, float]] = table["emission"]
        self._suffix: Mapping[str, Mapping[str, float]] = table["suffix"]
        self._transition: dict[str, dict[str, float]] = {
            tag: dict(zip(TAGS, row, strict=True)) for tag, row in zip(TAGS, table["transition"], strict=True)
        }

    @classmethod
    @cache
    def load(cls) -> "Tagger":
        """The shipped tagger."""
        path = files("copydesk.models") / "embedded" / "headline" / "tagger.json"
        return cls(json.loads(path.read_text(encoding="utf-8")))

    def leans(self, form: str, tag: str, other: str, ratio: float = 10) -> bool:
        """Whether the table holds a lower-case form for one class rather than for another, by more than ``ratio`` to one."""
        scores = self._emission.get(form, {})
        return tag in scores and scores[tag] - scores.get(other, float("-inf")) > math.log(ratio)

    def tag(self, tokens: Sequence[str]) -> list[str]:
        """The class of each token of a sentence, by Viterbi.

        :param tokens: As :func:`copydesk.models.words.word_spans` cuts them.
        :return: One of :data:`TAGS` each.
        """
        scores: dict[str, float] = {"PU": 0.0}
        history: list[dict[str, str]] = []
        for index, token in enumerate(tokens):
            new: dict[str, float] = {}
            back: dict[str, str] = {}
            for tag, emission in self._options(token, first=index == 0 or not _inside(tokens, index)).items():
                best = max(scores, key=lambda previous: scores[previous] + self._transition[previous][tag])
                new[tag] = scores[best] + self._transition[best][tag] + emission
                back[tag] = best
            scores = new
            history.append(back)
        if not history:
            return []
        tag = max(scores, key=lambda last: scores[last] + self._transition[last]["PU"])
        tags = [tag]
        for back in reversed(history[1:]):
            tag = back[tag]
            tags.append(tag)
        return tags[::-1]

    def _options(self, token: str, *, first: bool) -> Mapping[str, float]:  # noqa: PLR0911 - one case after the other
        """The classes that a token may have, with their emission scores."""
        form = token.lower()
        capital = token[0].isupper()
        if closed := closed_tag(form):
            if form == "her":
                return {"PS": 0.0, "PO": -1.0}
            if not capital or len(token) < 2 or closed in {"PZ", "CD", "PU"}:
                return {closed: 0.0}
            if token.isupper():
                return {"NP": 0.0}
            return {closed: 0.0} if first else {closed: 0.0, "NP": -1.0}
        known = self._emission.get(form, {})
        if capital and not first:
            return {**dict.fromkeys(known, -4.0), "NP": _NAME_EMISSION}
        if not capital:
            known = {tag: score for tag, score in known.items() if tag != "NP"}
        if known:
            return known
        return {"NP": _NAME_EMISSION} if capital else self._suffix.get(form[-3:], _UNKNOWN)


def _inside(tokens: Sequence[str], index: int) -> bool:
    """Whether capitals mean a name here: not after an opening quotation mark or a colon."""
    return tokens[index - 1] not in {'"', "“", "``", ":", "‘", "."}
