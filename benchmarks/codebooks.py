"""How well do a codebook's words alone tell its labels apart?

Each label's score is the highest cosine between a sentence of the text and a statement of the label, under a sentence encoder
that was never trained on the codebook; the best label wins. That isolates the wording from the trained weights:

    python benchmarks/codebooks.py plover15 train.parquet --text sentence --label root --encoder path/to/all-MiniLM-L6-v2
    python benchmarks/codebooks.py plover15 train.parquet --text sentence --label root --dyads

``--dyads`` fills ``<S>`` and ``<T>`` from the columns ``source`` and ``target`` and compares with the dyad statements.
"""

import argparse
import json
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from copydesk.configs.codebook import SOURCE, TARGET, Codebook

Floats = NDArray[np.float32]
Encode = Callable[[Sequence[str]], Floats]

MAX_TOKENS = 128
"""MiniLM was trained on texts of up to 128 tokens."""


def sentence_encoder(checkpoint: str, batch_size: int = 64) -> Encode:
    """Mean-pooled unit vectors of a Hugging Face encoder, as sentence-transformers makes them."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(checkpoint)
    model = AutoModel.from_pretrained(checkpoint).eval()

    def encode(texts: Sequence[str]) -> Floats:
        unique = sorted(set(texts), key=len)
        rows: list[Floats] = []
        for at in range(0, len(unique), batch_size):
            batch = tokenizer(
                unique[at : at + batch_size], padding=True, truncation=True, max_length=MAX_TOKENS, return_tensors="pt"
            )
            with torch.inference_mode():
                hidden = model(**batch).last_hidden_state
            mask = batch["attention_mask"].unsqueeze(-1)
            pooled = torch.nn.functional.normalize((hidden * mask).sum(1) / mask.sum(1), dim=-1)
            rows.append(pooled.numpy().astype(np.float32))
        row_of = {text: row for row, text in enumerate(unique)}
        return np.concatenate(rows)[[row_of[text] for text in texts]]

    return encode


def article_scores(encode: Encode, codebook: Codebook, texts: Sequence[str], lead: int) -> Floats:
    """Highest cosine of each label with each text's first ``lead`` sentences, shape (n_texts, n_labels)."""
    from sentencex import segment

    sentences = [[part.strip() for part in segment("en", text) if part.strip()][:lead] or [text] for text in texts]
    vectors = encode([part for parts in sentences for part in parts])
    best = np.stack([(vectors @ encode(label.statements).T).max(axis=1) for label in codebook.labels], axis=1)
    starts = np.cumsum([0] + [len(parts) for parts in sentences[:-1]])
    return np.maximum.reduceat(best, starts, axis=0)


def dyad_scores(encode: Encode, codebook: Codebook, rows: Sequence[dict[str, Any]], text: str, first: int) -> Floats:
    """Highest cosine of each label's first ``first`` dyad statements, filled, with each sentence."""
    sentences = encode([row[text] for row in rows])
    scores = np.full((len(rows), len(codebook.labels)), -1.0, dtype=np.float32)
    for column, label in enumerate(codebook.labels):
        for statement in label.dyad[:first]:
            filled = [statement.replace(SOURCE, row["source"]).replace(TARGET, row["target"]) for row in rows]
            scores[:, column] = np.maximum(scores[:, column], (sentences * encode(filled)).sum(axis=1))
    return scores


def main() -> None:
    """Print the F1 of each label and the most frequent confusions."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("codebook", help="a shipped name or a file")
    parser.add_argument("table", help="parquet, CSV or JSONL")
    parser.add_argument("--text", default="text", help="column of the text")
    parser.add_argument("--label", default="label", help="column of the label")
    parser.add_argument(
        "--rename", default="{}", help='JSON from the table\'s labels to the codebook\'s: {"sports": "sport"}'
    )
    parser.add_argument("--encoder", default="sentence-transformers/all-MiniLM-L6-v2", help="a folder or a Hub id")
    parser.add_argument("--limit", type=int, default=1500, help="rows at most, drawn with a fixed seed")
    parser.add_argument("--lead", type=int, default=8, help="sentences of a text to read")
    parser.add_argument("--dyads", action="store_true", help="compare with the dyad statements")
    parser.add_argument("--first", type=int, default=1, help="how many dyad statements of a label")
    parser.add_argument("--confusions", type=int, default=8, help="how many to print")
    parser.add_argument("--examples", type=int, default=0, help="misread texts to print for each confusion")
    options = parser.parse_args()

    from datasets import load_dataset
    from sklearn.metrics import classification_report

    kind = {"jsonl": "json"}.get(suffix := options.table.rsplit(".", 1)[-1], suffix)
    table = load_dataset(kind, data_files=options.table, split="train").shuffle(seed=0)
    rows = [dict(row) for row in table.select(range(min(options.limit, len(table))))]
    rename = json.loads(options.rename)
    codebook = Codebook.load(options.codebook)
    gold = [rename.get(row[options.label], row[options.label]) for row in rows]
    encode = sentence_encoder(options.encoder)
    texts = [row[options.text] for row in rows]
    if options.dyads:
        scores = dyad_scores(encode, codebook, rows, options.text, options.first)
    else:
        scores = article_scores(encode, codebook, texts, options.lead)
    if rename:  # the table asks for a part of the codebook only
        scores[:, [one not in gold for one in codebook.ids]] = -1.0
    guess = [codebook.ids[best] for best in scores.argmax(axis=1)]
    print(classification_report(gold, guess, digits=3, zero_division=0))
    pairs = list(zip(gold, guess, texts, strict=True))
    confused = [(one, other) for one, other, _ in pairs if one != other]
    for one, other in sorted(set(confused), key=lambda pair: -confused.count(pair))[: options.confusions]:
        print(f"{confused.count((one, other)):5d}  {one} read as {other}")
        for text in [text for *pair, text in pairs if pair == [one, other]][: options.examples]:
            print(f"         {text[:160]}")


if __name__ == "__main__":
    main()
