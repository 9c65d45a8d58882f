"""How fast articles are read, what language news is taken for, and a sample of marks and sentences for the eye.

python benchmarks/reading.py                                  # speed on a made-up article of 20,000 words
python benchmarks/reading.py --language TABLE.parquet:text    # languages that 4,000 texts of a column are taken for
python benchmarks/reading.py --sample TABLE.parquet:text      # 90 marks and 150 sentences to read and count errors in
"""

import argparse
import random
import time
from collections import Counter

from copydesk.models.language import detect
from copydesk.models.segmenter import read_article

SEED = 77
PARAGRAPH = (
    "The army of Lowland said on Thursday (Oct 7) that it had driven rebels out of two villages. "
    "“We hold the bridge,” it said.\n\n"
)


def column(source: str, rows: int) -> list[str]:
    """``rows`` random texts of ``FILE.parquet:COLUMN``."""
    from datasets import load_dataset

    path, _, name = source.rpartition(":")
    texts = load_dataset("parquet", data_files=path, split="train")[name]
    return random.Random(SEED).sample(list(texts), min(rows, len(texts)))


def print_speed(repeats: int = 10) -> None:
    article = PARAGRAPH * 870
    read_article(article)
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        read_article(article)
        seconds.append(time.perf_counter() - start)
    print(f"{len(article.split())} words: best {min(seconds):.3f} s, worst {max(seconds):.3f} s of {repeats}")


def print_languages(source: str) -> None:
    print(source, dict(Counter(detect(text)[0] for text in column(source, 4000)).most_common()))


def print_sample(source: str) -> None:
    documents = [read_article(text) for text in column(source, 60)]
    marks = [(mark.kind, one.text[mark.start : mark.end]) for one in documents for mark in one.marks]
    sentences = [
        (
            one.text[max(0, sentence.start - 15) : sentence.start],
            sentence.text,
            one.text[sentence.end : sentence.end + 15],
        )
        for one in documents
        for sentence in one.sentences
    ]
    picker = random.Random(SEED)
    for kind, text in picker.sample(marks, min(90, len(marks))):
        print(f"[{kind}] {text!r}")
    for before, text, after in picker.sample(sentences, min(150, len(sentences))):
        print(f"{before!r} | {text!r} | {after!r}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--language", metavar="FILE:COLUMN", nargs="+", default=[])
    parser.add_argument("--sample", metavar="FILE:COLUMN")
    options = parser.parse_args()
    for source in options.language:
        print_languages(source)
    if options.sample:
        print_sample(options.sample)
    if not options.language and not options.sample:
        print_speed()


if __name__ == "__main__":
    main()
