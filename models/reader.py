"""The reader: one interface over Hugging Face checkpoints, for sentence embeddings, entailment and the heads beside them.

Whatever is asked, all texts are pooled, sorted by length, cut into batches by token count, and answered in input order. The same
text gets the same answer in whatever batch it stands: float32 differs by 1e-7 between batches, and under bfloat16 attention is
computed by PyTorch's "math" kernel, which measured bit-identical across batches of 1 to 32 and any padding on an AVX512-BF16
processor, where the default kernel moved the pooler's output by up to 2e-3. With AMX small batches are filled up besides.
"""

import json
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray

from copydesk.configs.errors import ConfigError, ModelError
from copydesk.models.batching import token_batches
from copydesk.models.checkpoint import Checkpoint, EntailmentOrder, entailment_order, load_checkpoint
from copydesk.models.fork import Fork
from copydesk.models.heads import Head, HeadKind, Heads, load_heads
from copydesk.models.suite import Floats

Pair = tuple[str, str]
Precision = Literal["float32", "bfloat16"]
Pooling = Literal["mean", "cls"]

RECENT_TEXTS = 8192
"""Embeddings that are remembered, 12 MB of them at 384 numbers each: the sentences of a pool of articles and of their labels."""
CPU_BATCH_TOKENS = 2048
"""Padded tokens of a batch on a CPU. MiniLM on one core of an AMD EPYC: 1,024 to 4,096 within 10% of each other, 16,384 a fifth
slower, since the activations leave the cache."""
DEVICE_BATCH_TOKENS = 32_768
"""The same on an accelerator, which wants full batches; about 1 GB for MiniLM."""
LEAST_TOKENS = 16
"""Shortest input in bfloat16, padded to it: on an AMD EPYC with AVX512-BF16 the attention of fewer than 14 tokens takes another
kernel, and the same sentence alone and in a batch differed by up to 8e-4."""
LEAST_BATCH_TOKENS = 512
"""Smallest batch in bfloat16 on a processor with AMX, padding included, filled up with copies: with fewer rows oneDNN cuts the
product over 1,536 columns into other pieces, and the same sentence alone and in a batch differed by up to 6e-4. From 512 rows on
all products of MiniLM were bit-identical on an Intel Xeon, with 1 to 16 threads. A single article takes 0.51 s for 0.44."""
WINDOW_OVERLAP = 64
"""Tokens that neighbouring windows of a long text share under a token head; each token is read where it has more context."""


@dataclass(frozen=True)
class TokenLogits:
    """A token head's answer for one text.

    :param offsets: ``(start, end)`` code points of each word piece, ascending, shape (n_tokens, 2); special tokens are left out.
    :param logits: Shape (n_tokens, len(head.labels)).
    """

    offsets: NDArray[np.int64]
    logits: Floats


class Reader:
    """A checkpoint that is ready to read.

    Fills :class:`~copydesk.models.suite.SentenceEncoder`, and :class:`~copydesk.models.suite.Verifier` if the checkpoint has
    a classifier for entailment.

    :param checkpoint: What :func:`~copydesk.models.checkpoint.load_checkpoint` gave.
    :param device: ``auto`` takes CUDA, then Apple's MPS, then the CPU.
    :param dtype: ``auto`` takes bfloat16 on a CPU with instructions for it (measured: twice as fast with AVX512-BF16; without
        them it is emulated and slower), and float32 elsewhere.
    :param label_order: Names of the classifier's classes in order, where its configuration doesn't tell.
    :raises ModelError: If its heads don't fit, or the device isn't there.
    :raises ConfigError: If ``dtype`` is unknown.
    """

    def __init__(
        self,
        checkpoint: Checkpoint,
        *,
        device: str = "auto",
        dtype: str = "auto",
        label_order: Sequence[str] | None = None,
    ) -> None:
        self.name = checkpoint.name
        self.device = find_device(device)
        self.precision = find_precision(dtype, self.device)
        self.tokenizer = checkpoint.tokenizer
        self.max_tokens = checkpoint.max_tokens
        self.heads: Heads = load_heads(checkpoint.folder, checkpoint.model.config.hidden_size)
        self.pooling: Pooling = _pooling(checkpoint)
        self.batch_tokens = CPU_BATCH_TOKENS if self.device.type == "cpu" else DEVICE_BATCH_TOKENS
        self._checkpoint = checkpoint
        self._label_order = label_order
        self._model = checkpoint.model.to(self.device)
        self.encoder = self._model.base_model
        self._token_types = "token_type_ids" in self.tokenizer.model_input_names and (
            getattr(checkpoint.model.config, "type_vocab_size", 2) > 1
        )
        self._recent: OrderedDict[str, Floats] = OrderedDict()
        self._layers = {
            name: (head.weight.to(self.device), head.bias.to(self.device)) for name, head in self.heads.by_name.items()
        }

    @classmethod
    def load(
        cls, name: str, *, device: str = "auto", dtype: str = "auto", label_order: Sequence[str] | None = None
    ) -> "Reader":
        """Load a folder or a Hub id; see the class for the options, and
        :func:`~copydesk.models.checkpoint.load_checkpoint` for what is raised.
        """
        return cls(load_checkpoint(name), device=device, dtype=dtype, label_order=label_order)

    @property
    def folder(self) -> Path:
        """Where the checkpoint's files lie on this machine."""
        return self._checkpoint.folder

    @cached_property
    def content_hash(self) -> str:
        """First 16 hex digits of the SHA-256 over the checkpoint's files."""
        return self._checkpoint.content_hash

    @property
    def width(self) -> int:
        """The length of an embedding."""
        return int(self._model.config.hidden_size)

    @property
    def classifies(self) -> bool:
        """Whether the checkpoint has a classification layer, so that it may verify."""
        return self._checkpoint.classifies

    @property
    def encodes(self) -> bool:
        """Whether the checkpoint is an encoder (not an encoder–decoder), so that its states can be pooled."""
        return not getattr(self._model.config, "is_encoder_decoder", False)

    @cached_property
    def entailment_order(self) -> EntailmentOrder:
        """Which logit of the classifier means what.

        :raises ModelError: If there is no classifier, or its classes can't be told.
        """
        if not self._checkpoint.classifies:
            raise ModelError(
                f"{self.name!r} has no classification layer, so it can't verify.",
                remedy="Give a model trained on natural language inference as verifier; this one can serve as retriever.",
            )
        return entailment_order(self._model.config.id2label, self._label_order, name=self.name)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, special ones included."""
        return [len(ids) for ids in self._tokenize(list(texts), truncate=False)["input_ids"]] if texts else []

    def encode(self, texts: Sequence[str]) -> Floats:
        """Embeddings as unit rows, shape (len(texts), width), in input order; texts beyond the window are cut.

        The last :data:`RECENT_TEXTS` are remembered: events, headline and summary ask for the same sentences.

        :raises ModelError: If the checkpoint is an encoder–decoder.
        """
        if not self.encodes:
            raise ModelError(
                f"{self.name!r} is an encoder-decoder, which gives no sentence embeddings.",
                remedy='Give another retriever, or retriever="none".',
            )
        if not texts:
            return np.zeros((0, self.width), dtype=np.float32)
        if new := [text for text in dict.fromkeys(texts) if text not in self._recent]:
            self._recent.update(zip(new, self.run(self._tokenize(new), self._embed), strict=True))
        found = np.stack([self._recent[text] for text in texts])
        self._forget()
        return found

    def encode_forked(self, texts: Sequence[str], fork: Fork) -> Floats:
        """Embeddings as :meth:`encode` gives them, but by the blocks of a fork, shape (len(texts), width).

        What :meth:`encode` gives of the texts is computed on the way and remembered until it is asked for, however many they are.

        :param fork: Of this reader's :attr:`encoder`.
        """
        if not texts:
            return np.zeros((0, self.width), dtype=np.float32)
        self._forget()

        def compute(inputs: dict[str, Any]) -> torch.Tensor:
            own, states = fork.beside(lambda: self._embed(inputs))
            return torch.cat([own, self._pooled(states, inputs)], dim=1)

        once = list(dict.fromkeys(texts))
        both = dict(zip(once, self.run(self._tokenize(once), compute), strict=True))
        self._recent.update((text, row[: self.width].copy()) for text, row in both.items())
        return np.stack([both[text][self.width :] for text in texts])

    def _forget(self) -> None:
        while len(self._recent) > RECENT_TEXTS:
            self._recent.popitem(last=False)

    def entailment_logits(self, pairs: Sequence[Pair]) -> Floats:
        """Logits of entailment, neutral and contradiction, shape (len(pairs), 3), in input order.

        A two-way model's "not entailed" stands under neutral, and contradiction is -inf. A pair that comes twice is read once:
        its last digits would hang on the batch.

        :param pairs: (premise, hypothesis) each.
        :raises ModelError: As :attr:`entailment_order`.
        """
        order = self.entailment_order
        logits = np.full((len(pairs), 3), -np.inf, dtype=np.float32)
        if not pairs:
            return logits
        once = list(dict.fromkeys(pairs))
        rows = dict(zip(once, self.run(self._tokenize_pairs(once), self._classify), strict=True))
        raw = np.stack([rows[pair] for pair in pairs])
        if order.neutral is None or order.contradiction is None:
            logits[:, :2] = raw[:, [order.entailment, 1 - order.entailment]]
        else:
            logits[:] = raw[:, [order.entailment, order.neutral, order.contradiction]]
        return logits

    def entailment(self, pairs: Sequence[Pair]) -> Floats:
        """Probabilities of entailment, neutral and contradiction; see :meth:`entailment_logits`."""
        return softmax(self.entailment_logits(pairs))

    def sequence_logits(self, head: str, pairs: Sequence[Pair]) -> Floats:
        """Logits of a sequence head, shape (len(pairs), len(head.labels)), in input order.

        :raises ModelError: If there is no such head, or it is one over tokens.
        """
        wanted = self._head(head, "sequence")
        if not pairs:
            return np.zeros((0, len(wanted.labels)), dtype=np.float32)
        weight, bias = self._layers[head]

        def compute(inputs: dict[str, Any]) -> torch.Tensor:
            pooled = self.encoder(**inputs).pooler_output
            logits: torch.Tensor = torch.nn.functional.linear(pooled, weight.to(pooled.dtype)).float() + bias
            return logits

        return np.stack(self.run(self._tokenize_pairs(pairs), compute))

    def sequence_probabilities(self, head: str, pairs: Sequence[Pair]) -> Floats:
        """Calibrated probabilities of a sequence head: softmax over its logits divided by its temperature."""
        return softmax(self.sequence_logits(head, pairs) / self._head(head, "sequence").temperature)

    def token_logits(self, head: str, texts: Sequence[str], *, window: int | None = None) -> list[TokenLogits]:
        """A token head's logits for every word piece of each text, however long.

        :param window: Longest piece that is read at once, in tokens; the model's window by default. Longer texts are read in
            overlapping windows.
        :raises ModelError: If there is no such head, it is one over sequences, or the tokenizer gives no offsets.
        """
        wanted = self._head(head, "token")
        if not self.tokenizer.is_fast:
            raise ModelError(f"the tokenizer of {self.name!r} gives no offsets.", remedy="Save it with tokenizer.json.")
        empty = TokenLogits(np.zeros((0, 2), dtype=np.int64), np.zeros((0, len(wanted.labels)), dtype=np.float32))
        if not texts:
            return []
        length = min(window or self.max_tokens, self.max_tokens)
        encoded = self.tokenizer(
            list(texts),
            truncation=True,
            max_length=length,
            stride=min(WINDOW_OVERLAP, length // 4),
            return_overflowing_tokens=True,
            return_offsets_mapping=True,
            return_special_tokens_mask=True,
            verbose=False,
        )
        weight, bias = self._layers[head]

        def compute(inputs: dict[str, Any]) -> torch.Tensor:
            states = self.encoder(**inputs).last_hidden_state
            logits: torch.Tensor = torch.nn.functional.linear(states, weight.to(states.dtype)).float() + bias
            return logits

        rows = self.run(self._inputs(encoded), compute)
        windows: list[list[TokenLogits]] = [[] for _ in texts]
        for row, text, spans, special in zip(
            rows,
            encoded["overflow_to_sample_mapping"],
            encoded["offset_mapping"],
            encoded["special_tokens_mask"],
            strict=True,
        ):
            kept = [index for index, mark in enumerate(special) if not mark]
            offsets = np.asarray(spans, dtype=np.int64).reshape(-1, 2)[kept]
            windows[text].append(TokenLogits(offsets, row[kept]))
        return [_joined(parts) if parts else empty for parts in windows]

    def _head(self, name: str, kind: HeadKind) -> Head:
        head = self.heads.get(name)
        if head.kind != kind:
            raise ModelError(f"{name!r} is a {head.kind} head.", remedy=f"Ask for a {kind} head.")
        return head

    def _embed(self, inputs: dict[str, Any]) -> torch.Tensor:
        return self._pooled(self.encoder(**inputs).last_hidden_state, inputs)

    def _pooled(self, states: torch.Tensor, inputs: dict[str, Any]) -> torch.Tensor:
        """Unit rows from last hidden states, (batch, length, width)."""
        states = states.float()
        if self.pooling == "cls":
            pooled = states[:, 0]
        else:
            mask = inputs["attention_mask"].unsqueeze(-1).float()
            pooled = (states * mask).sum(1) / mask.sum(1)
        unit: torch.Tensor = torch.nn.functional.normalize(pooled, dim=-1)
        return unit

    def _classify(self, inputs: dict[str, Any]) -> torch.Tensor:
        logits: torch.Tensor = self._model(**inputs).logits
        return logits

    def _tokenize(self, texts: list[str], *, truncate: bool = True) -> dict[str, list[list[int]]]:
        return self._inputs(
            self.tokenizer(texts, truncation=truncate, max_length=self.max_tokens if truncate else None, verbose=False)
        )

    def _tokenize_pairs(self, pairs: Sequence[Pair]) -> dict[str, list[list[int]]]:
        first, second = [a for a, _ in pairs], [b for _, b in pairs]
        return self._inputs(
            self.tokenizer(first, second, truncation="longest_first", max_length=self.max_tokens, verbose=False)
        )

    def _inputs(self, encoded: Any) -> dict[str, list[list[int]]]:
        names = ["input_ids", "attention_mask"] + (["token_type_ids"] if self._token_types else [])
        return {name: encoded[name] for name in names if name in encoded}

    def run(
        self, encoded: dict[str, list[list[int]]], compute: Callable[[dict[str, Any]], torch.Tensor]
    ) -> list[NDArray[np.float32]]:
        """Answer tokenized texts in batches of like length: one row per input, in input order.

        :param encoded: Lists of ids by the name of the model's input, not padded.
        :param compute: From a padded batch to one row per input, or to one per token, of which the padding's are cut off.
        """
        lengths = [len(ids) for ids in encoded["input_ids"]]
        rows: list[Any] = [None] * len(lengths)
        for batch in token_batches(lengths, self.batch_tokens):
            longest = max(self._least_tokens(), *(lengths[index] for index in batch))
            copies = [batch[0]] * (-(-self._least_batch_tokens // longest) - len(batch))
            inputs = {
                name: torch.tensor(
                    [values[index] + [self._fill(name)] * (longest - lengths[index]) for index in [*batch, *copies]],
                    device=self.device,
                )
                for name, values in encoded.items()
            }
            with torch.inference_mode(), self._computing():
                answers = compute(inputs)[: len(batch)].float().cpu().numpy()
            for index, answer in zip(batch, answers, strict=True):
                rows[index] = answer if answer.ndim == 1 else answer[: lengths[index]]
        return rows

    def _least_tokens(self) -> int:
        return min(LEAST_TOKENS, self.max_tokens) if self.precision == "bfloat16" else 0

    @cached_property
    def _least_batch_tokens(self) -> int:
        tiled = self.device.type == "cpu" and torch.cpu.get_capabilities().get("amx_bf16")
        return LEAST_BATCH_TOKENS if self.precision == "bfloat16" and tiled else 0

    def _fill(self, name: str) -> int:
        return int(self.tokenizer.pad_token_id or 0) if name == "input_ids" else 0

    @contextmanager
    def _computing(self) -> Iterator[None]:
        if self.precision == "float32":
            yield
            return
        from torch.nn.attention import SDPBackend, sdpa_kernel

        with torch.autocast(self.device.type, dtype=torch.bfloat16), sdpa_kernel(SDPBackend.MATH):
            yield


def find_device(device: str) -> torch.device:
    """``auto``, or a device's name as PyTorch spells it.

    :raises ModelError: If this machine has no such device.
    """
    if device == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        found = torch.device(device)
        torch.zeros(1, device=found)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        first = str(error).splitlines()[0][:120]
        raise ModelError(
            f"the device {device!r} can't be used ({first}).", remedy='Use device="cpu" or "auto".'
        ) from error
    return found


def find_precision(dtype: str, device: torch.device) -> Precision:
    """``auto``, ``float32`` or ``bfloat16``; see :class:`Reader`.

    :raises ConfigError: If it is another.
    """
    if dtype in ("float32", "bfloat16"):
        return dtype  # type: ignore[return-value]
    if dtype != "auto":
        raise ConfigError(f"dtype is {dtype!r}.", remedy="Give auto, float32 or bfloat16.")
    if device.type != "cpu":
        return "float32"
    can = torch.cpu.get_capabilities()
    return "bfloat16" if can.get("avx512_bf16") or can.get("amx_bf16") else "float32"


def softmax(logits: Floats) -> Floats:
    """Softmax over the last axis; -inf is a probability of 0."""
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True), dtype=np.float32)


def _joined(parts: Sequence[TokenLogits]) -> TokenLogits:
    """One text's windows as one; a token that stands in two is taken from the one in which it is farther from the edge."""
    best: dict[tuple[int, int], tuple[int, NDArray[np.float32]]] = {}
    for number, part in enumerate(parts):
        count = len(part.offsets)
        for index, (start, end) in enumerate(part.offsets.tolist()):
            before = index if number else count
            after = count - 1 - index if number < len(parts) - 1 else count
            room = min(before, after)
            if (start, end) not in best or room > best[start, end][0]:
                best[start, end] = (room, part.logits[index])
    spans = sorted(best)
    width = parts[0].logits.shape[1]
    return TokenLogits(
        np.asarray(spans, dtype=np.int64).reshape(-1, 2),
        np.stack([best[span][1] for span in spans]) if spans else np.zeros((0, width), dtype=np.float32),
    )


def _pooling(checkpoint: Checkpoint) -> Pooling:
    """As sentence-transformers or ``heads.json`` wrote it down; the mean where nobody did."""
    path = checkpoint.folder / "1_Pooling" / "config.json"
    if path.is_file() and json.loads(path.read_text(encoding="utf-8")).get("pooling_mode_cls_token"):
        return "cls"
    return "mean"
