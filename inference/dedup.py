"""Which articles tell a story that was there before: agency copy comes back with another lede, a cut or a new house style.

An article repeats the earliest one whose three-word runs it shares by half or more. The similarity is the Jaccard index of the
two sets, estimated by MinHash (Broder 1997, "On the resemblance and containment of documents"); the articles to compare with
are found by locality-sensitive hashing (Leskovec, Rajaraman and Ullman, "Mining of Massive Datasets", chapter 3), with the
signatures of datasketch. Articles are compared with first occurrences only, so that a chain of small changes can't drift.

What is known of earlier articles stands in the run's journal, some 1.5 kB on disk for each first occurrence: memory stays flat,
and a run that goes on after a kill knows the same.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from copydesk.configs.errors import ConfigError
from copydesk.inference.records import Result
from copydesk.models.schema import Duplicate, Prediction

if TYPE_CHECKING:
    from copydesk.inference.journal import Journal

SHINGLE_WORDS = 3
"""Words in a run. A changed word spoils as many runs as a run has words; two words are shared by unrelated articles, too."""
MIN_SIMILARITY = 0.5
"""Jaccard index from which two articles are the same story: one of them may have a third more text that the other lacks
(0.75), or every tenth word changed (about 0.57). Unrelated articles share a few runs in a hundred."""
HASHES = 128
"""Length of a signature. The estimate's standard error is at most sqrt(0.25 / 128) = 0.044."""
BANDS = 32
"""Parts of a signature that are looked up; one equal part makes two articles candidates. With 4 hashes to a part that finds
87% at similarity 0.5, 99% at 0.6 and all but one in ten million at 0.8 (1 - (1 - s^4)^32)."""
SEED = 1
_BATCH = 4096
"""Runs that are hashed at once: 4 MB, however long the article."""


class NearDuplicates:
    """Marks predictions, one by one in the input's order.

    :param journal: Where earlier articles are remembered.
    :raises ConfigError: If datasketch isn't installed.
    """

    def __init__(self, journal: "Journal") -> None:
        self.journal = journal
        self.empty = _empty()

    def mark(self, result: Result, position: int) -> Result:
        """The prediction with its :class:`Duplicate`; an error stays as it is.

        :param position: The article's place in the input, from 0.
        """
        if not isinstance(result, Prediction):
            return result
        signature = self._signature(result.article.text)
        bands = [bytes([band]) + part.tobytes() for band, part in enumerate(signature.reshape(BANDS, HASHES // BANDS))]
        for first, identity, other in self.journal.alike(bands):
            if _similarity(signature, other) >= MIN_SIMILARITY:
                return replace(result, duplicate=Duplicate(cluster=first + 1, first=identity))
        self.journal.remember(position, result.article.id, signature.tobytes(), bands)
        return replace(result, duplicate=Duplicate(cluster=position + 1, first=None))

    def _signature(self, text: str) -> Any:
        """``(HASHES,)`` uint32: the signature of a text's runs of words, little-endian so that journals can travel."""
        sketch = self.empty.copy()
        batch: list[bytes] = []
        for run in _runs(text):
            batch.append(run)
            if len(batch) == _BATCH:
                sketch.update_batch(batch)
                batch = []
        if batch:
            sketch.update_batch(batch)
        return sketch.hashvalues.astype("<u4")


def _runs(text: str) -> Iterator[bytes]:
    """The runs of words, in lower case and without what stands around the letters; a shorter text is one run."""
    words = [word for raw in text.casefold().split() if (word := raw.strip(".,;:!?\"'()[]“”‘’«»—–-…"))] or [text]
    for start in range(max(1, len(words) - SHINGLE_WORDS + 1)):
        yield " ".join(words[start : start + SHINGLE_WORDS]).encode("utf-8", "replace")


def _similarity(signature: Any, stored: bytes) -> float:
    import numpy as np

    return float((signature == np.frombuffer(stored, dtype="<u4")).mean())


def _hash32(run: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(run, digest_size=4).digest(), "little")


def _empty() -> Any:
    """The signature of nothing.

    :raises ConfigError: If datasketch isn't installed.
    """
    try:
        from datasketch import MinHash
    except ImportError as error:
        raise ConfigError("--dedup needs datasketch.", remedy="Install it: pip install 'copydesk[dedup]'.") from error
    return MinHash(num_perm=HASHES, seed=SEED, scheme="affine32", hashfunc=_hash32)
