"""What labels cost: articles per core-second at 1, 16, 128 and 1,000 labels, and what the budget of verified pairs loses.

    python benchmarks/labels.py ../shared/data/events/masakhanews_dev.parquet
    python benchmarks/labels.py articles.parquet --text body --articles 20 --exhaustive 2

One thread, processor time: a shared machine's clock tells about its other users. The labels are those of the shipped codebooks,
the rest composed of them and places. Label embeddings come from the cache, as in any second run. With ``--exhaustive N``, N
articles are also tagged with every (sentence, label) pair verified; the loss is the share of exclusive answers that the budget
changes, and the mean difference of the scores of all labels.
"""

import argparse
import time
from collections.abc import Sequence

import numpy as np

from copydesk.configs.codebook import Codebook, Label, shipped_names
from copydesk.models import reader
from copydesk.models.document import Document
from copydesk.models.event_tagger import RetrieveVerifyTagger
from copydesk.models.segmenter import read_article
from copydesk.models.transformer import load_transformer

COUNTS = (1, 16, 128, 1000)
MOST_EXHAUSTIVE = 128
"""Beyond it every pair of an article takes minutes."""
PLACES = ("the capital", "the north", "a border town", "the coast", "an island", "the mountains", "a port", "the south")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table", help="parquet with a column of article texts")
    parser.add_argument("--text", default="text")
    parser.add_argument("--model", help="a folder or a Hub id; the embedded reader by default")
    parser.add_argument("--articles", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3, help="the fastest of them counts")
    parser.add_argument(
        "--exhaustive", type=int, default=0, metavar="N", help="articles to compare with exhaustive verification"
    )
    options = parser.parse_args()
    reader.RECENT_TEXTS = 0  # every round reads its articles as if for the first time

    import torch
    from datasets import load_dataset

    torch.set_num_threads(1)
    table = load_dataset("parquet", data_files=options.table, split="train").shuffle(seed=0)
    documents = [read_article(text) for text in table[: options.articles][options.text]]
    tagger = load_transformer(options.model).events
    assert isinstance(tagger, RetrieveVerifyTagger)
    books = {count: codebook_of(count) for count in COUNTS}
    for book in books.values():
        tagger.tag(documents[:1], book)  # the labels are encoded, and the model is warm

    seconds = dict.fromkeys(COUNTS, float("inf"))
    for _ in range(options.rounds):
        for count, book in books.items():  # in turns, so that a busy moment doesn't hit one count alone
            started = time.process_time()
            tagger.tag(documents, book)
            seconds[count] = min(seconds[count], time.process_time() - started)

    sentences = np.mean([len(document.sentences) for document in documents])
    print(f"{len(documents)} articles, {sentences:.1f} sentences each")
    print(f"{'labels':>6} {'articles/s':>10} {'of 1 label':>10}  loss against exhaustive")
    for count in COUNTS:
        loss = ""
        if options.exhaustive and count <= MOST_EXHAUSTIVE:
            loss = loss_of_budget(tagger, documents[: options.exhaustive], books[count])
        print(
            f"{count:6} {len(documents) / seconds[count]:10.2f} {seconds[1] / seconds[count]:10.0%}  {loss}", flush=True
        )


def codebook_of(count: int) -> Codebook:
    """The first ``count`` labels: those of the shipped codebooks, then the same at places."""
    known: dict[str, Label] = {}
    for name in shipped_names():
        if name != "stance":
            for label in Codebook.load(name).labels:
                known.setdefault(label.id, label.model_copy(update={"parent": None, "threshold": None}))
    labels = list(known.values())
    for place in PLACES:
        for label in known.values():
            statements = tuple(f"{statement.rstrip('.')} in {place}." for statement in label.statements[:1])
            labels.append(Label(id=f"{label.id} in {place}", hypotheses=statements))
    if len(labels) < count:
        raise ValueError(f"only {len(labels)} labels can be composed, not {count}")
    return Codebook(name=f"{count} labels", labels=tuple(labels[:count]))


def loss_of_budget(tagger: RetrieveVerifyTagger, documents: Sequence[Document], book: Codebook) -> str:
    """How the answers differ from those with every pair verified."""
    every = book.model_copy(update={"threshold": 0.0})
    full = tagger.exhaustively()
    changed = np.mean(
        [
            quick[0].label != slow[0].label
            for quick, slow in zip(
                tagger.tag(documents, book, exclusive=True), full.tag(documents, book, exclusive=True), strict=True
            )
        ]
    )
    gaps = [
        abs(quick - slow)
        for first, second in zip(tagger.tag(documents, every), full.tag(documents, every), strict=True)
        for quick, slow in zip(
            [tag.score for tag in sorted(first, key=lambda tag: tag.label)],
            [tag.score for tag in sorted(second, key=lambda tag: tag.label)],
            strict=True,
        )
    ]
    return f"{changed:.0%} of answers differ, scores by {np.mean(gaps):.3f}"


if __name__ == "__main__":
    main()
