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

With teachers, what has classes is also learnt from their mean distribution, in which an ensemble's knowledge of the wrong classes
goes on (Hinton et al., 2015, "Distilling the Knowledge in a Neural Network").
"""

import math
from collections.abc import Callable, Sequence
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
    :param teachers: Frozen readers, whose mean answer is learnt beside the gold one.
    :param distillation_weight: Share of the loss that is theirs, 0 to 1.
    """

    reader: TrainedReader
    tokenizer: "PreTrainedTokenizerBase"
    temperature: float
    anchor: TrainedReader | None = None
    teachers: Sequence[TrainedReader] = ()
    distillation_weight: float = 0.5

    @property
    def device(self) -> torch.device:
        """Where the reader is."""
        return next(self.reader.parameters()).device

    def loss(self, batch: Sequence[Example], max_tokens: int) -> Tensor:
        """The mean loss of a batch of one kind."""
        first = batch[0]
        if isinstance(first, Anchor):
            return self._drift([one.text for one in cast("Sequence[Anchor]", batch)], max_tokens)
        if isinstance(first, Twin):
            return self._likeness(cast("Sequence[Twin]", batch), max_tokens)
        ask, gold = self._question(batch, max_tokens)
        lesson = _choice_loss if isinstance(first, Choice) else _class_loss
        given = ask(self.reader)
        loss = lesson(given, gold)
        if not self.teachers:
            return loss
        with torch.no_grad():
            taught = [ask(teacher) for teacher in self.teachers]
        taught_lesson = _taught_choice_loss if isinstance(first, Choice) else _taught_class_loss
        share = self.distillation_weight
        return (1 - share) * loss + share * taught_lesson(given, taught, gold)

    def answers(self, batch: Sequence[Example], max_tokens: int) -> tuple[Tensor, Tensor]:
        """Logits and right classes, as :meth:`_question` gives them."""
        ask, gold = self._question(batch, max_tokens)
        return ask(self.reader), gold

    def embed(self, texts: list[str], max_tokens: int) -> Tensor:
        """Unit vectors (n, width) of texts, cut at ``max_tokens``."""
        return self.reader.embed(self._encode(texts, None, max_tokens))

    def _question(self, batch: Sequence[Example], max_tokens: int) -> tuple[Callable[[TrainedReader], Tensor], Tensor]:
        """What a batch asks, encoded once: a function from a reader to its logits, and the right classes.

        ``Pair``: (n, classes). ``Tags``: (n · length, classes). ``Choice``: log-odds of entailment (n, candidates).
        ``Match``: scores over the temperature (n, labels).
        """
        match batch[0]:
            case Pair():
                return self._classes(cast("Sequence[Pair]", batch), max_tokens)
            case Tags():
                return self._tags(cast("Sequence[Tags]", batch), max_tokens)
            case Choice():
                return self._choices(cast("Sequence[Choice]", batch), max_tokens)
            case Match():
                return self._matches(cast("Sequence[Match]", batch), max_tokens)
        raise TypeError(f"{type(batch[0]).__name__} examples have no classes")

    def _classes(self, pairs: Sequence[Pair], max_tokens: int) -> tuple[Callable[[TrainedReader], Tensor], Tensor]:
        encoded = self._encode([one.a for one in pairs], [one.b for one in pairs], max_tokens)
        return lambda reader: reader.logits(pairs[0].head, encoded), self._tensor([one.label for one in pairs])

    def _tags(self, tagged: Sequence[Tags], max_tokens: int) -> tuple[Callable[[TrainedReader], Tensor], Tensor]:
        raw = self.tokenizer(
            [one.text for one in tagged],
            truncation=True,
            max_length=max_tokens,
            padding=True,
            return_offsets_mapping=True,
            return_tensors="pt",
        )
        offsets = raw.pop("offset_mapping")
        encoded = dict(raw.to(self.device))
        gold = self._tensor([_piece_labels(one, row.tolist()) for one, row in zip(tagged, offsets, strict=True)])
        return lambda reader: reader.logits(tagged[0].head, encoded).flatten(0, 1), gold.flatten()

    def _choices(self, rows: Sequence[Choice], max_tokens: int) -> tuple[Callable[[TrainedReader], Tensor], Tensor]:
        premises = [one.a for one in rows for _ in one.hypotheses]
        hypotheses = [text for one in rows for text in one.hypotheses]
        encoded = self._encode(premises, hypotheses, max_tokens)

        def odds(reader: TrainedReader) -> Tensor:
            logits = reader.logits(ENTAILMENT_HEAD, encoded)
            return (logits[:, ENTAILED] - torch.logsumexp(logits[:, ENTAILED + 1 :], dim=1)).view(len(rows), -1)

        return odds, self._tensor([one.gold for one in rows])

    def _matches(self, rows: Sequence[Match], max_tokens: int) -> tuple[Callable[[TrainedReader], Tensor], Tensor]:
        statements = rows[0].statements
        texts = self._encode([one.text for one in rows], None, max_tokens)
        labels = self._encode([text for group in statements for text in group], None, max_tokens)
        sizes = [len(group) for group in statements]

        def scores(reader: TrainedReader) -> Tensor:
            likeness = reader.embed(texts) @ reader.embed(labels).T / self.temperature
            parts = torch.split(likeness, sizes, dim=1)
            return torch.stack([torch.logsumexp(part, dim=1) - math.log(part.shape[1]) for part in parts], dim=1)

        return scores, self._tensor([one.gold for one in rows])

    def _likeness(self, twins: Sequence[Twin], max_tokens: int) -> Tensor:
        texts = self.embed([one.text for one in twins], max_tokens)
        others = self.embed([one.twin for one in twins], max_tokens)
        scores = texts @ others.T / self.temperature
        gold = torch.arange(len(twins), device=self.device)
        return (cross_entropy(scores, gold) + cross_entropy(scores.T, gold)) / 2

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


def _class_loss(given: Tensor, gold: Tensor) -> Tensor:
    return cross_entropy(given, gold, ignore_index=IGNORED)


def _choice_loss(odds: Tensor, gold: Tensor) -> Tensor:
    holds = (gold != NONE_HOLDS).unsqueeze(1)
    wanted = torch.zeros_like(odds).scatter_(1, gold.clamp(min=0).unsqueeze(1), holds.to(odds.dtype))
    absolute = binary_cross_entropy_with_logits(odds, wanted)
    if not holds.any():
        return absolute
    return cross_entropy(odds, gold, ignore_index=NONE_HOLDS) + BINARY_WEIGHT * absolute


def _taught_class_loss(given: Tensor, taught: Sequence[Tensor], gold: Tensor) -> Tensor:
    """Cross-entropy with the teachers' mean distribution, over the rows that the gold classes ask about."""
    asked = gold != IGNORED
    wanted = torch.stack([one.softmax(dim=1) for one in taught]).mean(dim=0)
    return cross_entropy(given[asked], wanted[asked])


def _taught_choice_loss(odds: Tensor, taught: Sequence[Tensor], gold: Tensor) -> Tensor:
    absolute = binary_cross_entropy_with_logits(odds, torch.stack([one.sigmoid() for one in taught]).mean(dim=0))
    if not (holds := gold != NONE_HOLDS).any():
        return absolute
    wanted = torch.stack([one.softmax(dim=1) for one in taught]).mean(dim=0)
    return cross_entropy(odds[holds], wanted[holds]) + BINARY_WEIGHT * absolute


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
