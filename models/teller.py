"""What does a sentence tell? An embedding for evidence, beside the reader's embedding of what a sentence is about.

"Wages rose" lies near the statements about protests over wages, and "Agree?" near those about agreements: near in theme is not
told. A reader of ours was taught the difference with low-rank updates of its upper blocks (:mod:`copydesk.models.fork`) by
thousands of our own verdicts on sentences of ordinary news (``training/event_teller.py``). Labels keep their place: a sentence
that was read by the teller is compared with the statements as the reader itself embeds them, so that any label set can be asked.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from copydesk.models.fork import Fork
from copydesk.models.side_weights import loaded_beside
from copydesk.models.suite import Floats

if TYPE_CHECKING:
    from copydesk.models.reader import Reader

FILE = "event_teller.safetensors"
"""Its updates, beside the checkpoint that they belong to."""


class Teller:
    """A :class:`~copydesk.models.suite.SentenceEncoder` over a reader.

    :param reader: The reader that the updates were trained with.
    :param tensors: The updates.
    """

    def __init__(self, reader: "Reader", tensors: Mapping[str, Floats]) -> None:
        self._reader = reader
        self._fork = Fork(reader.encoder, tensors)

    @classmethod
    def load(cls, reader: "Reader") -> "Teller | None":
        """The teller that lies beside a reader, if any.

        :raises ModelError: If it can't be read, or was trained with other weights.
        """
        return loaded_beside(reader, FILE, "copydesk.training.event_teller", cls)

    def encode(self, texts: Sequence[str]) -> Floats:
        """Embeddings as unit rows, shape (len(texts), width), in input order."""
        return self._reader.encode_forked(texts, self._fork)
