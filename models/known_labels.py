"""Bare labels are given the statements of known ones: what "flood", "Sci/Tech" or "CHEM_WEAP" says is said in sentences.

A label with one statement at most is looked up by its name, then as an abbreviation, then by nearness in the encoder's space to
the known labels of ``configs/label_lexicon.py``. Its own words stay; the statements stand beside them. Whoever writes two
statements or more knows what is meant, and is read by them alone.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from copydesk.configs.codebook import Codebook, Label
from copydesk.configs.label_lexicon import KnownLabel, abbreviated, known_labels, named, spelt_out
from copydesk.models.suite import Floats, SentenceEncoder

OWN_STATEMENTS = 2
"""A label with so many statements of its own needs no others."""
NEAREST = 2
"""Known labels whose statements are lent to a label that is like them, but is not called so."""
NEAR_QUANTILE = 0.95
"""What is nearer to a label than this share of all pairs of known labels are to each other is like it. A quantile, since a
trained reader finds all labels nearer than its base does: 0.52 for all-MiniLM-L6-v2, 0.73 for a reader trained from it."""
CENTRE_STATEMENTS = 3
"""Statements of a known label that its place is taken from, beside its name and definition; all of them place it no better."""
NAMED_IN_A_NOTE = 6
"""Labels that a note names before it counts the rest."""


class KnownLabels:
    """Widens codebooks; remembers what it made of each.

    :param encoder: Embeds labels, with a cache; ``None`` knows labels by their names only.
    """

    def __init__(self, encoder: SentenceEncoder | None) -> None:
        self._encoder = encoder
        self._widened: dict[str, Codebook] = {}
        self._centres: Floats | None = None
        self._near = 1.0

    def widened(self, codebook: Codebook) -> Codebook:
        """The codebook with the statements of known labels beside the own ones of bare labels."""
        if codebook.content_hash not in self._widened:
            lent = self.lent(codebook)
            labels = tuple(_with(label, lent.get(label.id, ())) for label in codebook.labels)
            values = {name: getattr(codebook, name) for name in Codebook.model_fields}
            self._widened[codebook.content_hash] = Codebook(**{**values, "labels": labels}) if lent else codebook
        return self._widened[codebook.content_hash]

    def lent(self, codebook: Codebook) -> dict[str, tuple[KnownLabel, ...]]:
        """For each label that is read with the statements of known ones, these."""
        found: dict[str, tuple[int, ...]] = {}
        unknown: list[Label] = []
        for label in codebook.labels:
            if len(label.hypotheses) >= OWN_STATEMENTS:
                continue
            if by_name := named(label.name):
                found[label.id] = by_name
            elif short_for := abbreviated(label.name):
                found[label.id] = self._likeliest(label, short_for)
            else:
                unknown.append(label)
        if unknown and self._encoder is not None:
            found |= dict(zip((label.id for label in unknown), map(self._nearest, unknown), strict=True))
        return {label: tuple(known_labels()[one] for one in numbers) for label, numbers in found.items() if numbers}

    def note(self, codebook: Codebook) -> str:
        """One sentence on which labels are read with statements that are not the codebook's; empty where none is."""
        lent = self.lent(codebook)
        if not lent:
            return ""
        told = [f"{label!r} as {' and '.join(one.names[0] for one in known)}" for label, known in lent.items()]
        more = f" and {len(told) - NAMED_IN_A_NOTE} more" if len(told) > NAMED_IN_A_NOTE else ""
        return (
            f"labels without statements of their own are read with those of known labels: "
            f"{', '.join(told[:NAMED_IN_A_NOTE])}{more}; two hypotheses in the codebook take their place"
        )

    def _likeliest(self, label: Label, numbers: Sequence[int]) -> tuple[int, ...]:
        """Of several, the one that the label is nearest to."""
        if len(numbers) == 1:
            return tuple(numbers)
        if self._encoder is None:
            return ()
        nearness = self._nearness(label)
        return (max(numbers, key=lambda number: nearness[number]),)

    def _nearest(self, label: Label) -> tuple[int, ...]:
        nearness = self._nearness(label)
        order = np.argsort(-nearness, kind="stable")[:NEAREST]
        return tuple(int(number) for number in order if nearness[number] >= self._near)

    def _nearness(self, label: Label) -> NDArray[np.floating]:
        """Cosine to each known label, the mean of the name's and the definition's or the statement's, shape (known,)."""
        assert self._encoder is not None
        centres = self._all_centres()
        own = [text for text in (spelt_out(label.name), label.definition, *label.hypotheses) if text]
        return np.asarray((centres @ self._encoder.encode(own).T).mean(axis=1))

    def _all_centres(self) -> Floats:
        """Where the known labels lie, unit rows, shape (known, d)."""
        assert self._encoder is not None
        if self._centres is None:
            texts = [
                [text for text in (one.names[0], one.definition, *one.statements[:CENTRE_STATEMENTS]) if text]
                for one in known_labels()
            ]
            starts = np.cumsum([0, *(len(group) for group in texts[:-1])])
            rows = self._encoder.encode([text for group in texts for text in group])
            sums = np.add.reduceat(rows, starts, axis=0)
            self._centres = np.asarray(sums / np.linalg.norm(sums, axis=1, keepdims=True), dtype=np.float32)
            pairs = self._centres @ self._centres.T
            self._near = float(np.quantile(pairs[np.triu_indices(len(pairs), k=1)], NEAR_QUANTILE))
        return self._centres


def _with(label: Label, lent: Sequence[KnownLabel]) -> Label:
    if not lent:
        return label
    statements = [*label.statements, *(statement for one in lent for statement in one.statements)]
    return label.model_copy(update={"hypotheses": tuple(dict.fromkeys(statements))})
