"""What each kind of example asks of the reader: how it is encoded, and the loss.

Six objectives share one encoder:

* ``Pair``: cross-entropy of a sequence head.
* ``Choice``: listwise cross-entropy over the hypotheses' log-odds of entailment, as rerankers are trained
  (Nogueira et al., 2020), with a small binary term so that the odds stay a probability.
* ``Match``: cross-entropy over the soft maximum of the cosines to each label's statements.
* ``Twin``: InfoNCE over the batch, both ways (van den Oord et al., 2018).
* ``Anchor``: relational distillation (Park et al., 2019). Each text's softmax over its cosines to the rest of the batch stays
  what a frozen model gives, so that a few label sets in training don't spoil the embedding for all others.
* ``Tags``: cross-entropy of a token head.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy, kl_div

from copydesk.models.attribution_tags import TAGS
from copydesk.training.examples import ENTAILMENT_HEAD, NONE_HOLDS, Anchor, Choice, Example, Match, Pair, Tags, Twin
from copydesk.training.reader_model import TrainedReader

if TYPE_CHECKING:
    from transformers import BatchEncoding, PreTrainedTokenizerBase

BINARY_WEIGHT = 0.3
"""Weight of the binary term beside the listwise one."""
IGNORED = -100
"""Label of the word pieces that a token head is not asked about."""
ENTAILED = 0
NOWHERE = -1e4
"""Logit of a text's likeness to itself, which says nothing."""


@dataclass(frozen=True)
class Objectives:
    """Losses and predictions of a reader.

    :param reader: The model.
    :param tokenizer: Its tokenizer.
    :param temperature: Of the contrastive softmaxes.
    :param anchor: The frozen model that ``Anchor`` examples hold on to.
    """

    reader: TrainedReader
    tokenizer: "PreTrainedTokenizerBase"
    temperature: float
    anchor: TrainedReader | None = None

    @property
    def device(self) -> torch.device:
        """Where the reader is."""
        return next(self.reader.parameters()).device

    def loss(self, batch: Sequence[Example], max_tokens: int) -> Tensor:
        """The mean loss of a batch of one kind."""
        first = batch[0]
        if isinstance(first, Pair | Tags):
            logits, gold = self.classes(batch, max_tokens)
            return cross_entropy(logits, gold, ignore_index=IGNORED)
        if isinstance(first, Choice):
            odds, gold = self.choices(batch, max_tokens)
            holds = (gold != NONE_HOLDS).unsqueeze(1)
            wanted = torch.zeros_like(odds).scatter_(1, gold.clamp(min=0).unsqueeze(1), holds.to(odds.dtype))
            absolute = binary_cross_entropy_with_logits(odds, wanted)
            if not holds.any():
                return absolute
            return cross_entropy(odds, gold, ignore_index=NONE_HOLDS) + BINARY_WEIGHT * absolute
        if isinstance(first, Match):
            return cross_entropy(*self.matches(batch, max_tokens))
        if isinstance(first, Anchor):
            return self._drift([one.text for one in cast("Sequence[Anchor]", batch)], max_tokens)
        twins = cast("Sequence[Twin]", batch)
        texts = self.embed([one.text for one in twins], max_tokens)
        others = self.embed([one.twin for one in twins], max_tokens)
        scores = texts @ others.T / self.temperature
        gold = torch.arange(len(batch), device=self.device)
        return (cross_entropy(scores, gold) + cross_entropy(scores.T, gold)) / 2

    def embed(self, texts: list[str], max_tokens: int) -> Tensor:
        """Unit vectors (n, width) of texts, cut at ``max_tokens``."""
        return self.reader.embed(self._encode(texts, None, max_tokens))

    def classes(self, batch: Sequence[Example], max_tokens: int) -> tuple[Tensor, Tensor]:
        """Logits and gold classes of ``Pair`` examples (n, k) or of the word pieces of ``Tags`` examples (n·length, k)."""
        if isinstance(batch[0], Pair):
            pairs = cast("Sequence[Pair]", batch)
            encoded = self._encode([one.a for one in pairs], [one.b for one in pairs], max_tokens)
            return self.reader.logits(pairs[0].head, encoded), self._tensor([one.label for one in pairs])
        tagged = cast("Sequence[Tags]", batch)
        raw = self.tokenizer(
            [one.text for one in tagged],
            truncation=True,
            max_length=max_tokens,
            padding=True,
            return_offsets_mapping=True,
            return_tensors="pt",
        )
        offsets = raw.pop("offset_mapping")
        logits = self.reader.logits(tagged[0].head, dict(raw.to(self.device)))
        gold = self._tensor([_piece_labels(one, row.tolist()) for one, row in zip(tagged, offsets, strict=True)])
        return logits.flatten(0, 1), gold.flatten()

    def choices(self, batch: Sequence[Example], max_tokens: int) -> tuple[Tensor, Tensor]:
        """Log-odds of entailment (n, candidates) and the index of the right one (n,)."""
        rows = cast("Sequence[Choice]", batch)
        premises = [one.a for one in rows for _ in one.hypotheses]
        hypotheses = [text for one in rows for text in one.hypotheses]
        logits = self.reader.logits(ENTAILMENT_HEAD, self._encode(premises, hypotheses, max_tokens))
        odds = logits[:, ENTAILED] - torch.logsumexp(logits[:, ENTAILED + 1 :], dim=1)
        return odds.view(len(rows), -1), self._tensor([one.gold for one in rows])

    def matches(self, batch: Sequence[Example], max_tokens: int) -> tuple[Tensor, Tensor]:
        """Scores of every label (n, labels) over the temperature, and the index of the right one (n,)."""
        rows = cast("Sequence[Match]", batch)
        statements = rows[0].statements
        texts = self.embed([one.text for one in rows], max_tokens)
        labels = self.embed([text for group in statements for text in group], max_tokens)
        scores = texts @ labels.T / self.temperature
        sizes = [len(group) for group in statements]
        pooled = [torch.logsumexp(part, dim=1) - math.log(part.shape[1]) for part in torch.split(scores, sizes, dim=1)]
        return torch.stack(pooled, dim=1), self._tensor([one.gold for one in rows])

    def _drift(self, texts: list[str], max_tokens: int) -> Tensor:
        """Kullback–Leibler divergence of the batch's likenesses from the anchor's."""
        if self.anchor is None:
            raise TypeError("anchor examples without an anchor; the recipe's check forbids it")
        encoded = self._encode(texts, None, max_tokens)
        with torch.no_grad():
            held = self.anchor.embed(encoded)
        now = self.reader.embed(encoded)
        itself = torch.eye(len(texts), dtype=torch.bool, device=self.device)
        wanted = (held @ held.T / self.temperature).masked_fill(itself, NOWHERE).softmax(dim=1)
        given = (now @ now.T / self.temperature).masked_fill(itself, NOWHERE).log_softmax(dim=1)
        return kl_div(given, wanted, reduction="batchmean")

    def _encode(self, a: list[str], b: list[str] | None, max_tokens: int) -> dict[str, Tensor]:
        encoded: BatchEncoding = self.tokenizer(
            a, b, truncation="longest_first" if b else True, max_length=max_tokens, padding=True, return_tensors="pt"
        )
        return dict(encoded.to(self.device))

    def _tensor(self, numbers: Sequence[int] | Sequence[Sequence[int]]) -> Tensor:
        return torch.tensor(numbers, device=self.device)


def _piece_labels(example: Tags, offsets: Sequence[Sequence[int]]) -> list[int]:
    """The label of each word piece: its span's, the default outside all spans, ignored for special and padding pieces."""
    outside = IGNORED if example.default is None else example.default
    labels: list[int] = []
    number = 0
    for start, end in offsets:
        if end <= start:
            labels.append(IGNORED)
            continue
        while number < len(example.spans) and example.spans[number][1] <= start:
            number += 1
        if number == len(example.spans) or example.spans[number][0] >= end:
            labels.append(outside)
            continue
        opening, _, label = example.spans[number]
        goes_on = example.head == "attribution" and start > opening
        labels.append(TAGS.index(TAGS[label].replace("B-", "I-")) if goes_on else label)
    return labels
