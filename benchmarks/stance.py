"""Stance on the development tables, through the same readers that the predictor runs.

    python benchmarks/stance.py ../shared/data/stance --model baseline
    python benchmarks/stance.py ../shared/data/stance --model embedded --only vast claims --limit 500
    python benchmarks/stance.py ../shared/data/stance --model FOLDER --zero-shot
    python benchmarks/stance.py tests/data --model embedded --only articles held-out

Tables: ``newsmtsc`` (a sentence's tone toward one mention), ``directed`` (between two entities of a sentence, with its direction:
the holder is asked about both ways, the surer side is the answer), ``vast`` (a comment's stance toward a topic) and ``claims``
(FNC-1: an article body toward a headline; bodies are split between train and dev). ``articles`` and ``held-out`` are our own
short articles, whole stance tables cell by cell; a cell that the table lacks counts as wrong. ``--model cues`` reads by lexicon
alone. ``--zero-shot`` leaves the trained heads out and asks stance hypotheses of the entailment classifier. Intervals are 95%
bootstrap intervals; rows that share a text are drawn together.
"""

import argparse
import json
import sys
import tomllib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from datasets import Dataset, load_dataset

from copydesk.models.attribution import RuleAttributor
from copydesk.models.cue_polarity import CuePolarity
from copydesk.models.document import Document
from copydesk.models.loading import load_suite
from copydesk.models.schema import Stance
from copydesk.models.segmenter import read_article
from copydesk.models.stance import StanceDesk
from copydesk.models.suite import ClaimReader, StanceReader
from copydesk.training.metrics import single_label_scores
from copydesk.training.resampling import Resampling

POLARITY_OF = {"positive": "favour", "negative": "against", "neutral": "neutral"}
Answer = tuple[str, str, float, object]
"""Gold label, given label, its score, and what the row is drawn with."""


def newsmtsc(rows: Dataset, stance: StanceReader, _: ClaimReader) -> Iterator[Answer]:
    """Tone toward a mention given by its span."""
    for row in rows:
        given = stance.toward(read_article(row["sentence"]), (row["start"], row["end"]))
        yield POLARITY_OF[row["label"]], given.polarity, given.score, row["sentence"]


def directed(rows: Dataset, stance: StanceReader, _: ClaimReader) -> Iterator[Answer]:
    """Five-way: both directions are asked; the surer one that takes a side is the answer."""
    for row in rows:
        document = read_article(row["sentence"])
        p, q = row["p"].strip(), row["q"].strip()
        if p and q:
            given, score = _direction(
                {"p_{}_to_q": stance.toward(document, q, p), "q_{}_to_p": stance.toward(document, p, q)}
            )
        else:  # a row whose entity was lost at the source has no answer but this
            given, score = "neutral", 1.0
        yield row["label"], given, score, row["sentence"]


def vast(rows: Dataset, stance: StanceReader, _: ClaimReader) -> Iterator[Answer]:
    """Stance of a comment toward a topic in words."""
    for row in rows:
        given = stance.toward(read_article(row["text"]), row["target"])
        yield row["label"], given.polarity, given.score, row["text"]


def claims(rows: Dataset, _: StanceReader, claim_reader: ClaimReader) -> Iterator[Answer]:
    """Stance of a body toward a headline."""
    bodies: dict[int, Document] = {}
    for row in rows:
        if row["body_id"] not in bodies:
            bodies[row["body_id"]] = read_article(row["body"])
        given = claim_reader.read(bodies[row["body_id"]], row["headline"])
        yield row["label"], given.label, given.score, row["body_id"]


def articles(rows: Any, stance: StanceReader, _: ClaimReader) -> Iterator[Answer]:
    """The cells of our own articles' stance tables; "none" where the table lacks the cell."""
    for row in rows:
        targets = list(dict.fromkeys(target for _, target, _ in row["cells"]))
        table = stance.table(read_article(row["text"]), targets)
        given = {(one.holder or "", one.target): one for one in table.stances}
        for holder, target, polarity in row["cells"]:
            found = given.get((holder, target))
            yield polarity, found.polarity if found else "none", found.score if found else 0.0, row["name"]


TASKS: dict[str, tuple[str, Callable[[Any, StanceReader, ClaimReader], Iterator[Answer]]]] = {
    "newsmtsc": ("newsmtsc_dev", newsmtsc),
    "directed": ("directed_dev", directed),
    "vast": ("vast_dev", vast),
    "claims": ("fnc_pairs_dev", claims),
    "articles": ("stance_articles", articles),
    "held-out": ("stance_articles_held_out", articles),
}


TABLES = ("newsmtsc", "directed", "vast", "claims")


def readers(model: str, zero_shot: bool) -> tuple[StanceReader, ClaimReader]:
    """The stance and the claim reader of a model."""
    if model == "cues":
        return StanceDesk(RuleAttributor(), CuePolarity()), load_suite("baseline").claims
    if not zero_shot:
        suite = load_suite(model)
        return suite.stance, suite.claims
    from copydesk.models.claims import ClaimDesk, VerifierClaims
    from copydesk.models.polarity import VerifierPolarity
    from copydesk.models.reader import Reader
    from copydesk.models.transformer import embedded_folder

    reader = Reader.load(str(embedded_folder()) if model == "embedded" else model)
    return StanceDesk(RuleAttributor(), VerifierPolarity(reader)), ClaimDesk(VerifierClaims(reader), reader)


def _direction(views: dict[str, Stance]) -> tuple[str, float]:
    sided = {name: stance for name, stance in views.items() if stance.polarity != "neutral"}
    if not sided:
        return "neutral", min(stance.score for stance in views.values())
    name, stance = max(sided.items(), key=lambda item: item[1].score)
    return name.format("positive" if stance.polarity == "favour" else "negative"), stance.score


def table(folder: Path, name: str, limit: int | None) -> Any:
    """A development table, FNC's pairs with their body's text; or our own articles."""
    if name.startswith("stance_articles"):
        return tomllib.loads((folder / f"{name}.toml").read_text(encoding="utf-8"))["articles"]
    rows = load_dataset("parquet", data_files=str(folder / f"{name}.parquet"), split="train")
    if limit is not None and limit < len(rows):
        rows = rows.shuffle(seed=0).select(range(limit))
    if name != "fnc_pairs_dev":
        return rows
    bodies = load_dataset("parquet", data_files=str(folder / "fnc_bodies.parquet"), split="train")
    text = dict(zip(bodies["body_id"], bodies["body"], strict=True))
    return rows.map(lambda row: {"body": text[row["body_id"]]})


def main(argv: Sequence[str] | None = None) -> None:
    """Run the chosen tables and print their figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder with newsmtsc_dev.parquet and the other tables")
    parser.add_argument("--model", default="baseline", help="baseline, embedded, cues, or a folder")
    parser.add_argument("--only", nargs="+", choices=TASKS, default=list(TABLES))
    parser.add_argument("--zero-shot", action="store_true", help="stance hypotheses instead of the trained heads")
    parser.add_argument("--limit", type=int, help="rows of each table, drawn with a fixed seed")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args(argv)
    stance, claim_reader = readers(args.model, args.zero_shot)
    result: dict[str, Any] = {}
    for task in args.only:
        name, ask = TASKS[task]
        answers = list(ask(table(args.folder, name, args.limit), stance, claim_reader))
        gold, given, scores, groups = (list(column) for column in zip(*answers, strict=True))
        figures = single_label_scores(gold, given, np.array(scores, dtype=float), Resampling(groups))
        result[task] = {
            "rows": len(answers),
            **{key: [figure.value, figure.low, figure.high] for key, figure in figures.overall.items()},
            "F1": {one.label: one.f1.value for one in figures.labels},
            "ECE": figures.ece,
        }
        if not args.json:
            _show(task, result[task])
    if args.json:
        json.dump({"model": args.model, "zero_shot": args.zero_shot, "tables": result}, sys.stdout, indent=1)


def _show(task: str, figures: dict[str, Any]) -> None:
    print(f"{task}, {figures['rows']} rows, ECE {figures['ECE']:.3f}")
    for name, value in figures.items():
        if isinstance(value, list):
            print(f"  {name:14} {value[0]:.3f}  [{value[1]:.3f}, {value[2]:.3f}]")
    print("  F1 by label    " + ", ".join(f"{label} {value or 0:.2f}" for label, value in figures["F1"].items()))


if __name__ == "__main__":
    main()
