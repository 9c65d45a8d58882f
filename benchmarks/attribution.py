"""Who said what, on PolNeAR: span F1 of sources, cues and contents, and whether each content has its right source.

    python benchmarks/attribution.py ../shared/data/attribution/polnear_dev.parquet
    python benchmarks/attribution.py ../shared/data/attribution/polnear_dev.parquet --model embedded
    python benchmarks/attribution.py ../shared/data/attribution/polnear_dev.parquet --model embedded --alone

``--model rules`` (the default) needs no weights. A span is exact if both ends agree but for white space and closing punctuation;
it overlaps if it shares a word with a gold span of its role. Attribution accuracy is the share of gold contents with a source
for which the content found there with the largest overlap has a source that overlaps the gold one. Intervals are 95% bootstrap
intervals over articles.
"""

import argparse
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from datasets import load_dataset

from copydesk.models.attribution import RuleAttributor
from copydesk.models.segmenter import read_article
from copydesk.models.suite import Attribution, Attributor

Span = tuple[int, int]
ROLES = ("source", "cue", "content")
RESAMPLES = 1000
_EDGES = " \t\n\xa0.,;:\"'“”‘’()"


@dataclass
class Counts:
    """What is added up for one article: per role (right exactly, right by overlap) among those found and among gold."""

    found: dict[str, int]
    gold: dict[str, int]
    exact: dict[str, int]
    found_overlap: dict[str, int]
    gold_overlap: dict[str, int]
    sourced: int
    right_source: int

    def row(self) -> list[int]:
        """All counts as one row of numbers."""
        per_role = [
            part[role]
            for role in ROLES
            for part in (self.found, self.gold, self.exact, self.found_overlap, self.gold_overlap)
        ]
        return [*per_role, self.sourced, self.right_source]


def compare(text: str, found: Sequence[Attribution], gold: Sequence[Attribution]) -> Counts:
    """The counts of one article."""
    counts = Counts(*(dict.fromkeys(ROLES, 0) for _ in range(5)), sourced=0, right_source=0)
    for role in ROLES:
        ours, theirs = _spans(text, found, role), _spans(text, gold, role)
        counts.found[role], counts.gold[role] = len(ours), len(theirs)
        counts.exact[role] = len(ours & theirs)
        counts.found_overlap[role] = sum(any(_shared(one, other) for other in theirs) for one in ours)
        counts.gold_overlap[role] = sum(any(_shared(one, other) for other in ours) for one in theirs)
    for one in gold:
        if one.source and one.content:
            counts.sourced += 1
            best = max(found, key=lambda other: _overlap(one.content, other.content), default=None)
            if best is not None and _overlap(one.content, best.content) and _overlap(one.source, best.source):
                counts.right_source += 1
    return counts


def figures(rows: np.ndarray[Any, Any]) -> dict[str, float]:
    """The metrics of added-up counts, shape (n_counts,)."""
    result: dict[str, float] = {}
    for place, role in enumerate(ROLES):
        found, gold, exact, found_overlap, gold_overlap = rows[place * 5 : place * 5 + 5]
        result[f"{role} exact F1"] = 2 * exact / max(found + gold, 1)
        precision, recall = found_overlap / max(found, 1), gold_overlap / max(gold, 1)
        result[f"{role} overlap P"], result[f"{role} overlap R"] = precision, recall
        result[f"{role} overlap F1"] = 2 * precision * recall / max(precision + recall, 1e-9)
    result["attribution accuracy"] = rows[-1] / max(rows[-2], 1)
    return {name: float(value) for name, value in result.items()}


def with_intervals(rows: np.ndarray[Any, Any], seed: int = 0) -> dict[str, list[float]]:
    """Each metric with its 95% interval, articles drawn with replacement: [value, low, high]."""
    generator = np.random.default_rng(seed)
    value = figures(rows.sum(axis=0))
    draws = [figures(rows[generator.integers(0, len(rows), len(rows))].sum(axis=0)) for _ in range(RESAMPLES)]
    return {
        name: [
            round(value[name], 4),
            *(round(float(q), 4) for q in np.percentile([draw[name] for draw in draws], [2.5, 97.5])),
        ]
        for name in value
    }


def gold_of(row: dict[str, Any]) -> list[Attribution]:
    """The attributions of a PolNeAR row."""
    return [
        Attribution(*(tuple((int(span["start"]), int(span["end"])) for span in one[role]) for role in ROLES))
        for one in row["attributions"]
    ]


def attributor_of(model: str, alone: bool) -> Attributor:
    """The attributor of a model: ``rules``, or the token head of a reader, helped by rules unless alone."""
    if model == "rules":
        return RuleAttributor()
    from copydesk.models.attribution_tagger import HelpedAttributor, TokenAttributor
    from copydesk.models.reader import Reader
    from copydesk.models.transformer import embedded_folder

    tagger = TokenAttributor(Reader.load(str(embedded_folder()) if model == "embedded" else model))
    return tagger if alone else HelpedAttributor(tagger, RuleAttributor())


def _spans(text: str, attributions: Iterable[Attribution], role: str) -> set[Span]:
    spans = (span for one in attributions for span in getattr(one, role))
    return {span for start, end in spans if (span := _tight(text, start, end))[1] > span[0]}


def _tight(text: str, start: int, end: int) -> Span:
    while start < end and text[start] in _EDGES:
        start += 1
    while end > start and text[end - 1] in _EDGES:
        end -= 1
    return start, end


def _shared(first: Span, second: Span) -> bool:
    return first[0] < second[1] and second[0] < first[1]


def _overlap(first: Sequence[Span], second: Sequence[Span]) -> int:
    return sum(max(0, min(a[1], b[1]) - max(a[0], b[0])) for a in first for b in second)


def main(argv: Sequence[str] | None = None) -> None:
    """Run the benchmark and print a table, or JSON with ``--json``."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table", help="parquet with the columns text and attributions")
    parser.add_argument("--model", default="rules", help="rules, embedded, or a folder with an attribution head")
    parser.add_argument("--alone", action="store_true", help="the tagger without the rules' help")
    parser.add_argument("--limit", type=int, help="read only the first articles")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args(argv)
    attributor = attributor_of(args.model, args.alone)
    table = load_dataset("parquet", data_files=args.table, split="train")
    rows = []
    for row in table.select(range(min(args.limit or len(table), len(table)))):
        found = attributor.attribute(read_article(row["text"]))
        rows.append(compare(row["text"], found, gold_of(row)).row())
    result = with_intervals(np.array(rows))
    if args.json:
        print(json.dumps({"model": args.model, "articles": len(rows), "figures": result}, indent=1))
        return
    print(f"{args.model}, {len(rows)} articles")
    for name, (value, low, high) in result.items():
        print(f"{name:24} {value:.3f}  [{low:.3f}, {high:.3f}]")


if __name__ == "__main__":
    main()
