"""How much faster than the usual tool: articles per core-second beside transformers' zero-shot-classification pipeline.

    python benchmarks/speed.py ../shared/data/events/masakhanews_dev.parquet
    python benchmarks/speed.py articles.parquet --text body --labels 5 15 50 --articles 8 --model path/or/id

Both run the same checkpoint on the same articles and labels, with one thread on the CPU, by processor time, since a shared
machine's clock tells about its other users. The pipeline makes a pass for each (article, label) pair and cuts an article off at
the model's window (512 word pieces); copydesk reads it to the end. The pipeline's batches are of the size that is faster, 1 or 8.
Each is measured in float32 and copydesk also as it comes (``auto``: bfloat16 where the processor has the instructions). The
labels are the names of shipped codebooks; copydesk has their embeddings in its cache, as in any second run.
"""

import argparse
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from copydesk.configs.codebook import Codebook
from copydesk.models import reader
from copydesk.models.event_tagger import RetrieveVerifyTagger
from copydesk.models.segmenter import read_article
from copydesk.models.transformer import embedded_folder, load_transformer

BOOKS = ("iptc", "acled", "plover")
PIPELINE_BATCHES = (1, 8)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table", help="parquet with a column of article texts")
    parser.add_argument("--text", default="text")
    parser.add_argument("--model", help="a folder or a Hub id of an entailment model; the embedded reader by default")
    parser.add_argument("--articles", type=int, default=4)
    parser.add_argument("--labels", type=int, nargs="+", default=[5, 15, 50])
    options = parser.parse_args()
    reader.RECENT_TEXTS = 0  # every round reads its articles as if for the first time

    import torch
    from datasets import load_dataset

    torch.set_num_threads(1)
    table = load_dataset("parquet", data_files=options.table, split="train").shuffle(seed=0)
    texts: list[str] = table[: options.articles][options.text]
    exact = load_transformer(options.model, device="cpu", dtype="float32").events
    usual = load_transformer(options.model, device="cpu").events
    assert isinstance(exact, RetrieveVerifyTagger)
    assert isinstance(usual, RetrieveVerifyTagger)
    pipe = pipeline_of(options.model or str(embedded_folder()))
    words = sum(len(text.split()) for text in texts) / len(texts)
    print(f"{len(texts)} articles of {words:.0f} words, {torch.get_num_threads()} thread, articles per core-second")
    print(f"{'labels':>6} {'pipeline':>9} {'copydesk float32':>17} {'ratio':>6} {'copydesk auto':>14} {'ratio':>6}")
    for count in options.labels:
        names = label_names(count)
        book = Codebook.from_labels(names)
        few = texts[: max(1, len(texts) * options.labels[0] // count)]  # the pipeline's time grows with the labels
        slow = max(rate(partial(pipe, few, names, batch_size=size), len(few)) for size in PIPELINE_BATCHES)
        fast = [rate(tagging(tagger, texts, book), len(texts)) for tagger in (exact, usual)]
        print(
            f"{count:6} {slow:9.3f} {fast[0]:17.3f} {fast[0] / slow:6.0f} {fast[1]:14.3f} {fast[1] / slow:6.0f}",
            flush=True,
        )


def pipeline_of(name: str) -> Any:
    """The usual tool with a checkpoint."""
    from transformers import pipeline

    return pipeline("zero-shot-classification", model=name, device="cpu", dtype="float32")


def label_names(count: int) -> list[str]:
    """The first ``count`` different names of the shipped codebooks' labels."""
    names = list(dict.fromkeys(label.name for book in BOOKS for label in Codebook.load(book).labels))
    if len(names) < count:
        raise ValueError(f"only {len(names)} names, not {count}")
    return names[:count]


def tagging(tagger: RetrieveVerifyTagger, texts: Sequence[str], book: Codebook) -> Callable[[], object]:
    """A run from bare texts to tags, each label judged by itself and verified; warmed up, so that the labels are encoded."""
    tagger.tag([read_article(texts[0])], book)

    def run() -> object:
        documents = [read_article(text) for text in texts]
        return tagger.tag(documents, book)

    return run


def rate(run: Callable[[], object], articles: int) -> float:
    """Articles per second of processor time."""
    started = time.process_time()
    run()
    return articles / (time.process_time() - started)


if __name__ == "__main__":
    main()
