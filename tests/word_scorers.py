"""Scorers that can be followed by hand: texts are bags of words, a premise proves the words it shares, early is salient."""

import re
from collections.abc import Sequence

import numpy as np

from copydesk.models.deletions import deletions
from copydesk.models.document import Document
from copydesk.models.phrases import Parse
from copydesk.models.suite import Floats, GapScores

HARBOUR = """The port authority on Tuesday closed the old harbour after a crane fell into the water during a storm.

Officials said the crane did not hit any of the 12 ships in the basin. Two dockers were treated for shock, a hospital said."""
"""Of three sentences, each with legal headlines."""
DIMENSIONS = 512
STOP_WORDS = frozenset("a an the to of in on and was were is by with for its their it they that".split())  # noqa: SIM905


def words(text: str) -> list[str]:
    return [word for word in re.findall(r"\w+", text.lower()) if word not in STOP_WORDS]


class WordEncoder:
    """Unit vectors over hashed words; counts what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str]) -> Floats:
        self.asked += texts
        rows = np.full((len(texts), DIMENSIONS), 1e-6, dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in words(text):
                row[sum(ord(letter) * 31**place for place, letter in enumerate(word)) % DIMENSIONS] += 1.0
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


class WordVerifier:
    """Entailment is the share of the hypothesis's words, in order, that stand in the premise; counts what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []

    def entailment(self, pairs: Sequence[tuple[str, str]]) -> Floats:
        self.asked += pairs
        rows = []
        for premise, hypothesis in pairs:
            there, wanted = words(premise), words(hypothesis)
            at = found = 0
            for word in wanted:
                if word in there[at:]:
                    at += there[at:].index(word) + 1
                    found += 1
            share = 0.02 + 0.96 * found / max(1, len(wanted))
            rows.append([share, 1 - share, 0.0])
        return np.asarray(rows, dtype=np.float32).reshape(-1, 3)


class EarlyFirst:
    """Salience by place alone."""

    def salience(self, document: Document) -> Floats:
        return (0.3 / (1 + np.arange(len(document.sentences)))).astype(np.float32)


class EvenKeep:
    """Every word is as likely to be kept as any other."""

    def keep(self, sentences: object, words: list[list[tuple[int, int]]]) -> list[Floats]:  # noqa: ARG002
        return [np.full(len(one), 0.4, dtype=np.float32) for one in words]


def ready_gaps(read: Parse) -> GapScores:
    """Any words may go, and twenty at once still may."""
    place = np.arange(len(read) + 1)
    return GapScores(
        (0.4 * (place[None, :] - place[:, None])).astype(np.float32), np.zeros(len(read), dtype=np.float32)
    )


def ruled_gaps(read: Parse) -> GapScores:
    """What the rules leave out may go."""
    size = len(read)
    gaps = np.full((size + 1, size + 1), -9.0, dtype=np.float32)
    for one in deletions(read):
        gaps[one.start, size if one.end == read.body_end else one.end] = 0.4 * (one.end - one.start)
    return GapScores(gaps, np.zeros(size, dtype=np.float32))


def count_words(texts: Sequence[str]) -> list[int]:
    return [len(re.findall(r"\w+|[^\w\s]", text)) + 2 for text in texts]
