"""What share should the transformer have beside the baseline? Component probabilities on dev tables, and every share's macro-F1.

    python benchmarks/blend.py ../shared/data --reader models/embedded/reader [--limit 800] [--write]

``--write`` puts the best shares into the reader's ``heads.json``, where the suite finds them. Dyads are judged on the sentences
that the reader's recipe held out; the baseline's dyad model is fitted anew on the others. With so few rows a share is only taken
over an even one (0.5) where it is better by :data:`MIN_GAIN`.
"""

import argparse
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import f1_score

from copydesk.configs.codebook import Codebook
from copydesk.configs.recipe_reader import ReaderRecipe
from copydesk.models.baseline import load_baseline, shipped_polarity
from copydesk.models.baseline_dyads import dyad_features, dyad_model
from copydesk.models.calibration import Doubles
from copydesk.models.claims import ClaimDesk, HeadClaims
from copydesk.models.dyads import EntailmentDyadCoder
from copydesk.models.polarity import HeadPolarity
from copydesk.models.reader import Reader
from copydesk.models.schema import CLAIM_LABELS, POLARITIES
from copydesk.models.segmenter import read_article
from copydesk.models.suite import FAVOUR, PolarityQuery, PolarityScorer
from copydesk.models.transformer import TRAINED_DYADS
from copydesk.training.reader_model import note_scores
from copydesk.training.reader_tasks import split_groups
from copydesk.training.tables import load_table
from copydesk.training.train import read_recipe

SHARES = tuple(round(0.1 * step, 1) for step in range(11))
MIN_GAIN = 0.005
JOBS = ("voice", "directed", "topic", "claims", "dyads")
RECIPE = Path(__file__).parents[1] / "configs" / "recipes" / "reader.toml"
Parts = tuple[list[str], Sequence[str], Doubles, Doubles]
"""Gold labels, the columns' names, and each model's probabilities, shape (rows, columns)."""


def main() -> None:
    options = _options()
    reader = Reader.load(options.reader)
    chosen: dict[str, float] = {}
    for name, parts in _components(options, reader):
        gold, labels, ours, theirs = parts
        scores = {share: _macro_f1(gold, labels, share * ours + (1 - share) * theirs) for share in SHARES}
        best = max(SHARES, key=lambda share: scores[share])
        chosen[name] = best if scores[best] >= scores[0.5] + MIN_GAIN else 0.5
        line = "  ".join(f"{share}: {score:.3f}" for share, score in scores.items())
        print(
            f"{name} ({len(gold)} rows) macro-F1 by the transformer's share\n  {line}\n  taken: {chosen[name]}",
            flush=True,
        )
    if options.write:
        before = reader.heads.calibration
        calibration = {**before, "blend": {**before.get("blend", {}), **chosen}}
        note_scores(Path(options.reader), {"calibration": calibration})


def _components(options: argparse.Namespace, reader: Reader) -> Iterator[tuple[str, Parts]]:
    data, limit = options.data, options.limit
    ours, theirs = HeadPolarity(reader), shipped_polarity()
    jobs = options.only
    if "voice" in jobs:
        yield "voice", _voice(_table(data, "stance/newsmtsc_dev", limit), ours, theirs)
    if "directed" in jobs:
        yield "directed", _directed(_table(data, "stance/directed_dev", limit), ours, theirs)
    if "topic" in jobs:
        yield "topic", _topic(_table(data, "stance/vast_dev", limit), ours, theirs)
    if "claims" in jobs:
        yield "claims", _claims(data, limit, reader)
    if "dyads" in jobs:
        yield "dyads", _dyads(data, reader)


def _voice(rows: Sequence[Any], ours: PolarityScorer, theirs: PolarityScorer) -> Parts:
    names = {"positive": "favour", "negative": "against", "neutral": "neutral"}
    queries = [PolarityQuery(row["sentence"], row["mention"], ((row["start"], row["end"]),)) for row in rows]
    return [names[row["label"]] for row in rows], POLARITIES, *_both(queries, ours, theirs)


def _topic(rows: Sequence[Any], ours: PolarityScorer, theirs: PolarityScorer) -> Parts:
    queries = [PolarityQuery(row["text"], row["target"]) for row in rows]
    return [row["label"] for row in rows], POLARITIES, *_both(queries, ours, theirs)


def _directed(rows: Sequence[Any], ours: PolarityScorer, theirs: PolarityScorer) -> Parts:
    """Five columns from two questions: what takes no side both ways is neutral."""
    labels = ("neutral", "p_positive_to_q", "p_negative_to_q", "q_positive_to_p", "q_negative_to_p")
    rows = [row for row in rows if row["p"].strip() and row["q"].strip()]
    ahead, back = [], []
    for row in rows:
        p, q = row["p"].strip(), row["q"].strip()
        at_p, at_q = ((row["sentence"].find(one), row["sentence"].find(one) + len(one)) for one in (p, q))
        ahead.append(PolarityQuery(row["sentence"], q, (at_q,), p, (at_p,)))
        back.append(PolarityQuery(row["sentence"], p, (at_p,), q, (at_q,)))
    probabilities = []
    for one, other in zip(_both(ahead, ours, theirs), _both(back, ours, theirs), strict=True):
        sides = np.concatenate([one[:, FAVOUR : FAVOUR + 2], other[:, FAVOUR : FAVOUR + 2]], axis=1)
        probabilities.append(np.concatenate([np.clip(1 - sides.sum(axis=1, keepdims=True), 0, 1), sides], axis=1))
    return [row["label"] for row in rows], labels, probabilities[0], probabilities[1]


def _claims(data: Path, limit: int | None, reader: Reader) -> Parts:
    rows = _table(data, "stance/fnc_pairs_dev", limit)
    bodies = {
        row["body_id"]: row["body"] for row in load_table(str(data / "stance/fnc_bodies.parquet"), ["body_id", "body"])
    }
    documents = {number: read_article(bodies[number]) for number in {row["body_id"] for row in rows}}
    desks = ClaimDesk(HeadClaims(reader)), load_baseline().claims
    scores = [
        np.array(
            [
                [desk.read(documents[row["body_id"]], row["headline"]).scores[one] for one in CLAIM_LABELS]
                for row in rows
            ]
        )
        for desk in desks
    ]
    return [row["label"] for row in rows], CLAIM_LABELS, scores[0], scores[1]


def _dyads(data: Path, reader: Reader) -> Parts:
    recipe = ReaderRecipe.model_validate(read_recipe(RECIPE))
    task = next(one for one in recipe.tasks if one.adapter == "dyads")
    rows = load_table(str(data / task.table), ["sentence", "source", "target", "root", "sentence_id"])
    dev, train = split_groups(rows, task.dev_fraction, task.dev_group, recipe.split_seed)
    codebook = Codebook.load("plover15")
    model = dyad_model(6000, 10.0)
    model.fit([dyad_features(*_triple(row)) for row in train], [row["root"] for row in train])
    known = model.predict_proba([dyad_features(*_triple(row)) for row in dev])
    theirs = known[:, [list(model.classes_).index(label) for label in codebook.ids]]
    codes = EntailmentDyadCoder(reader, reader, TRAINED_DYADS).code([_triple(row) for row in dev], codebook)
    ours = np.array([[code.scores[label] for label in codebook.ids] for code in codes])
    return [row["root"] for row in dev], codebook.ids, ours, theirs


def _triple(row: Any) -> tuple[str, str, str]:
    return row["sentence"], row["source"], row["target"]


def _both(queries: Sequence[PolarityQuery], ours: PolarityScorer, theirs: PolarityScorer) -> tuple[Doubles, Doubles]:
    return ours.polarity(queries).astype(np.float64), theirs.polarity(queries).astype(np.float64)


def _macro_f1(gold: Sequence[str], labels: Sequence[str], scores: Doubles) -> float:
    given = [labels[int(column)] for column in scores.argmax(axis=1)]
    return float(f1_score(gold, given, labels=sorted(set(gold)), average="macro", zero_division=0.0))


def _table(data: Path, name: str, limit: int | None) -> list[Any]:
    rows = load_table(str(data / f"{name}.parquet"), _COLUMNS[name], may_be_empty=("p", "q"))
    random.Random(0).shuffle(rows)
    return rows[:limit]


_COLUMNS = {
    "stance/newsmtsc_dev": ["sentence", "mention", "start", "end", "label"],
    "stance/directed_dev": ["sentence", "p", "q", "label"],
    "stance/vast_dev": ["text", "target", "label"],
    "stance/fnc_pairs_dev": ["headline", "body_id", "label"],
}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--reader", required=True, help="a reader's folder")
    parser.add_argument("--limit", type=int, help="rows of each table")
    parser.add_argument("--only", nargs="+", choices=JOBS, default=JOBS)
    parser.add_argument("--write", action="store_true", help="write the shares into the reader's heads.json")
    return parser.parse_args()


if __name__ == "__main__":
    main()
