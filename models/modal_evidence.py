"""What the modality of sentences says for and against labels, as similarity that is added to theirs.

"Russia called for a ceasefire" lies near the statements of ceasefires and of requests. What was only demanded has not happened,
so it speaks for the request; and where the demand is one clause of a long sentence, that clause is read by itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from copydesk.configs.codebook import Codebook
from copydesk.models.modality import fit, own_kinds
from copydesk.models.schema import Modality, Span

WORTH = 0.08
"""What a sentence's modality is worth, as a cosine: 0.05 to 0.1 measured alike on plover_train (docs/event_tagging.md)."""
NEAREST = 16
"""Labels of a sentence, the nearest ones, of which its modality is asked, so that a thousand labels cost no more …"""
BEHIND = 0.15
"""… and of those whose deed may be what is only demanded, those at most so far behind the nearest: others lose nothing by it."""


@dataclass(frozen=True)
class ModalEvidence:
    """Of one text's pieces.

    :param signs: Of each piece for each label, as in :class:`~copydesk.models.modality.Fit`, shape (pieces, labels).
    :param clauses: By piece, the span in its text of the clause that speaks for the labels with sign 1.
    """

    signs: NDArray[np.float64]
    clauses: dict[int, Span]


class ModalLabels:
    """The labels of a codebook, with the modalities that are the deed itself of some."""

    def __init__(self, codebook: Codebook) -> None:
        kinds = [own_kinds(label) for label in codebook.labels]
        self._labels = codebook.labels
        self._owned = frozenset[Modality]().union(*kinds)
        self._tells = np.array([bool(kind) for kind in kinds])

    def __bool__(self) -> bool:
        """Whether any label tells of a modality: without one, nothing speaks for or against any."""
        return bool(self._owned)

    def evidence(self, pieces: Sequence[str], similarity: NDArray[np.float64]) -> ModalEvidence:
        """What the modality of a text's pieces says.

        :param similarity: Of each piece to each label, shape (pieces, labels).
        """
        signs = np.zeros_like(similarity)
        clauses: dict[int, Span] = {}
        nearest = np.argsort(-similarity, axis=1, kind="stable")[:, :NEAREST]
        for piece, text in enumerate(pieces):
            near = nearest[piece]
            asked = near[self._tells[near] | (similarity[piece, near] >= similarity[piece, near[0]] - BEHIND)]
            found = fit(text, [self._labels[label] for label in asked], self._owned)
            signs[piece, asked] = found.signs
            if found.clause is not None:
                clauses[piece] = found.clause
        return ModalEvidence(signs, clauses)
