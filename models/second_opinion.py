"""A linear model's word on a codebook that it was trained on, beside the reader's.

It is what the words of the text speak for, less how often the training table has the label. Its sum with the reader's is a
product of experts (Hinton, 2002) without the prior of the training table, which is that of other years.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from copydesk.configs.codebook import Codebook
from copydesk.models.document import Document

Doubles = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class OpinionWeights:
    """How both are weighed among exclusive labels.

    :param similarity: Of the article's similarity to a label.
    :param opinion: Of the linear model's log probability less the label's log share of its training table.
    :param prior: That log share, by label.
    """

    similarity: float
    opinion: float
    prior: Mapping[str, float]


class KnowsLabels(Protocol):
    """A model that was trained on labelled texts."""

    def log_proba(self, texts: Sequence[str], codebook: Codebook) -> Doubles | None:
        """Log probabilities, shape (len(texts), n_labels); ``None`` where it was not trained on the codebook's labels."""
        ...


class SecondOpinion:
    """What :class:`KnowsLabels` says of whole articles.

    :param model: Gives the model; called when it is first needed.
    """

    def __init__(self, model: Callable[[], KnowsLabels]) -> None:
        self._model = model

    def of(self, documents: Sequence[Document], codebook: Codebook, weights: OpinionWeights) -> Doubles | None:
        """What speaks for each label of each document, shape (n, labels), or ``None`` where the model doesn't know them."""
        texts = [" ".join(sentence.text for sentence in document.sentences) for document in documents]
        found = self._model().log_proba(texts, codebook)
        return None if found is None else found - np.array([weights.prior[label] for label in codebook.ids])


def weights_for(codebook: Codebook, known: Mapping[str, OpinionWeights]) -> OpinionWeights | None:
    """The weights of the codebook whose labels these are, or some of them."""
    return next((weights for weights in known.values() if set(codebook.ids) <= weights.prior.keys()), None)
