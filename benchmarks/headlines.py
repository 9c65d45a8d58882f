"""ROUGE of headlines against the lead and the classic extractive libraries, and the faults in them by our own checks.

    python benchmarks/headlines.py --data ../shared/data                         # baseline and embedded reader, sumy's three
    python benchmarks/headlines.py --data ../shared/data --models baseline --articles 300
    python benchmarks/headlines.py --data ../shared/data --compression           # token F1 on held-out compressions instead

Every system is cut at 75 characters and compared with the published headline (ROUGE F1 with stemming, rouge-score); under each of
ours stands its lead over the first sentence cut at the limit, with the 95% interval of a paired bootstrap over articles, and over
the text as it stands, datelines, captions and all: ``text[:75]``, which needs no copydesk. The classic ones are those of sumy
(``pip install copydesk[benchmark]``) over the same sentences: the best one, cut at the limit.
"""

import argparse
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from copydesk.models.document import Document
from copydesk.models.guards import violations
from copydesk.models.headline import ExtractiveHeadliner
from copydesk.models.schema import Article
from copydesk.models.segmenter import read_article
from copydesk.models.suite import KeepScorer, Suite
from copydesk.models.words import word_spans
from copydesk.training.headline_alignment import compression_keep_labels
from copydesk.training.resampling import Resampling, with_intervals

LIMIT = 75
"""Characters of a headline: the limit of DUC-2004, task 1."""
HELD_OUT = 1000
"""Rows at the end of the compression table that no model is trained on."""
CHECKED = 1000
"""Articles whose headlines are checked for violations."""
MEASURES = ("rouge1", "rouge2", "rougeL")


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Judges headlines against the lead and classic summarisers.")
    parser.add_argument("--data", type=Path, required=True, help="the folder of the development tables")
    parser.add_argument("--models", nargs="*", default=["baseline", "embedded"], help="baseline, embedded or a folder")
    parser.add_argument("--articles", type=int, default=0, help="only the first so many; all by default")
    parser.add_argument("--no-sumy", action="store_true", help="leave out LexRank, TextRank and LSA")
    parser.add_argument("--compression", action="store_true", help="token F1 on the held-out compressions instead")
    arguments = parser.parse_args(argv)
    models = {name: load(name) for name in arguments.models}
    if arguments.compression:
        judge_compression(arguments.data / "headlines" / "compression_train.parquet", models, arguments.articles)
    else:
        judge_headlines(
            arguments.data / "headlines" / "news_dev.parquet", models, arguments.articles, sumy=not arguments.no_sumy
        )


def load(name: str) -> Suite:
    from copydesk.models.loading import load_suite

    return load_suite(None if name == "embedded" else name)


def judge_headlines(table: Path, models: Mapping[str, Suite], count: int, *, sumy: bool) -> None:
    """Print one row per system: ROUGE-1, -2 and -L F1 in percent, the mean length, articles without a headline and faults."""
    from datasets import load_dataset

    rows = list(load_dataset("parquet", data_files=str(table), split="train"))
    rows = rows[:count] if count else rows
    documents = [read_article(Article(row["lead"])) for row in rows]
    published = [row["headline"] for row in rows]
    systems: dict[str, Callable[[Document], str]] = {
        "text as it stands, cut": raw,
        "first sentence, cut": first_sentence,
    }
    if sumy:
        systems |= {name: classic(name) for name in ("LexRank", "TextRank", "LSA")}
    print(f"{len(rows)} articles of {table.name}, {LIMIT} characters")
    print(f"{'system':24} {'R-1':>6} {'R-2':>6} {'R-L':>6} {'chars':>6} {'none':>5} {'ms':>6}")
    for name, system in systems.items():
        begin = time.perf_counter()
        report(name, [system(document)[:LIMIT] for document in documents], published, time.perf_counter() - begin)
    report("best sentence, cut", best_sentence(documents, published), published, 0.0)
    for name, suite in models.items():
        begin = time.perf_counter()
        made = [suite.headlines.headlines(document, max_chars=LIMIT) for document in documents]
        texts = [one[0].text if one else "" for one in made]
        report(name, texts, published, time.perf_counter() - begin)
        for cut in ("first sentence, cut", "text as it stands, cut"):
            report_lead(texts, cut, [systems[cut](document)[:LIMIT] for document in documents], published)
        faults = Counter(
            fault.split(":")[0]
            for document, one in zip(documents[:CHECKED], made[:CHECKED], strict=True)
            for headline in one
            for fault in violations(document, headline)
        )
        print(f"  violations in {min(CHECKED, len(documents))} articles: {sum(faults.values())} {dict(faults) or ''}")


def report(name: str, headlines: Sequence[str], published: Sequence[str], seconds: float) -> None:
    scores = 100 * np.mean(
        [rouge(reference, headline) for reference, headline in zip(published, headlines, strict=True)], axis=0
    )
    length = np.mean([len(headline) for headline in headlines if headline] or [0])
    none = sum(not headline for headline in headlines)
    figures = " ".join(f"{score:6.2f}" for score in scores)
    print(f"{name:24} {figures} {length:6.1f} {none:5} {1000 * seconds / len(headlines):6.1f}", flush=True)


def report_lead(headlines: Sequence[str], name: str, cuts: Sequence[str], published: Sequence[str]) -> None:
    """Print how much better headlines are than what was simply cut, in points, with intervals.

    :param name: Of what was cut.
    """
    pairs = zip(published, headlines, cuts, strict=True)
    gains = 100 * np.array([np.subtract(rouge(text, headline), rouge(text, cut)) for text, headline, cut in pairs])
    count = len(gains)
    figures = with_intervals(gains.mean(axis=0).tolist(), lambda weights: weights @ gains / count, count, Resampling())
    told = (f"{figure.value:+.2f} [{figure.low:.2f}, {figure.high:.2f}]" for figure in figures)
    print(f"  minus {name}: " + ", ".join(told), flush=True)


def rouge(reference: str, headline: str) -> list[float]:
    """F1 of :data:`MEASURES`, 0 to 1."""
    scores = _scorer().score(reference, headline)
    return [scores[measure].fmeasure for measure in MEASURES]


def raw(document: Document) -> str:
    return document.text.strip()


def first_sentence(document: Document) -> str:
    return document.sentences[0].text if document.sentences else ""


def best_sentence(documents: Sequence[Document], published: Sequence[str]) -> list[str]:
    """For each article the sentence that, cut at the limit, has the best ROUGE-1: what choosing alone could reach."""
    best = []
    for document, reference in zip(documents, published, strict=True):
        cuts = [sentence.text[:LIMIT] for sentence in document.sentences] or [""]
        best.append(max(cuts, key=lambda text: rouge(reference, text)[0]))
    return best


def classic(name: str) -> Callable[[Document], str]:
    """One of sumy's summarisers, on the sentences that copydesk read."""
    from sumy.models.dom import ObjectDocumentModel, Paragraph, Sentence
    from sumy.nlp.stemmers import Stemmer
    from sumy.summarizers.lex_rank import LexRankSummarizer
    from sumy.summarizers.lsa import LsaSummarizer
    from sumy.summarizers.text_rank import TextRankSummarizer

    kind = {"LexRank": LexRankSummarizer, "TextRank": TextRankSummarizer, "LSA": LsaSummarizer}[name]
    summarizer = kind(Stemmer("english"))

    class Words:
        """sumy's own tokenizer needs NLTK's data, which must be downloaded."""

        def to_words(self, text: str) -> tuple[str, ...]:
            return tuple(text[start:end] for start, end in word_spans(text) if text[start].isalpha())

    def best(document: Document) -> str:
        sentences = [Sentence(sentence.text, Words()) for sentence in document.sentences]
        if not sentences:
            return ""
        try:
            chosen = summarizer(ObjectDocumentModel([Paragraph(sentences)]), 1)
        except (ValueError, ZeroDivisionError, np.linalg.LinAlgError):  # too few words for its matrix
            return str(sentences[0])
        return str(chosen[0]) if chosen else ""

    return best


def judge_compression(table: Path, models: Mapping[str, Suite], count: int) -> None:
    """Print the token F1 of the best-scored words, as many as the reference keeps, on the last rows of the table."""
    from datasets import load_dataset

    rows = load_dataset("parquet", data_files=str(table), split="train")
    rows = list(rows.select(range(len(rows) - HELD_OUT, len(rows))))
    rows = rows[:count] if count else rows
    labelled = [(row["sentence"], compression_keep_labels(row["sentence"], row["compression"])) for row in rows]
    usable = [(sentence, labels) for sentence, labels in labelled if labels]
    rate = np.mean([target for _, labels in usable for *_, target in labels])
    print(f"{len(usable)} of the last {HELD_OUT} rows of {table.name}; the references keep {rate:.1%} of the words")
    for name, suite in models.items():
        assert isinstance(suite.headlines, ExtractiveHeadliner)
        print(f"{name:24} token F1 {token_f1(suite.headlines.keeper, usable):.4f}", flush=True)


def token_f1(keeper: KeepScorer, labelled: Sequence[tuple[str, Any]]) -> float:
    """Mean over sentences; precision and recall are equal, since as many words are kept as in the reference."""
    sentences = [sentence for sentence, _ in labelled]
    tokens = [word_spans(sentence) for sentence in sentences]
    scores = []
    for (_, labels), spans, keep in zip(labelled, tokens, keeper.keep(sentences, tokens), strict=True):
        chance = dict(zip(spans, keep, strict=True))
        wanted = np.array([target > 0.5 for *_, target in labels])
        values = np.array([chance[(start, end)] for start, end, _ in labels])
        scores.append(wanted[np.argsort(-values, kind="stable")[: wanted.sum()]].mean())
    return float(np.mean(scores))


def _scorer() -> Any:
    from rouge_score.rouge_scorer import RougeScorer

    if not _SCORER:
        _SCORER.append(RougeScorer(list(MEASURES), use_stemmer=True))
    return _SCORER[0]


_SCORER: list[Any] = []


if __name__ == "__main__":
    main()
