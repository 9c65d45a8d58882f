"""Fit how the transformer and the baseline are pooled, to the questions that the public calls ask on the development tables.

    python benchmarks/blend.py ../shared/data --reader models/embedded/reader --write

``--write`` puts what was fitted into the reader's ``heads.json``, where the suite finds it: a share for each job, for stance and
claims also offsets by class and slopes on how near the text is to the topic (see :mod:`copydesk.models.blend`). Run it whenever
the reader or the baseline changes; ``--limit 700`` takes minutes on one core. What is printed is cross-validated by text.

The questions are recorded from ``desk.stance(...)`` itself: a mention by its span, a topic by its words, two entities by their
names. Of FNC's unrelated pairs, three quarters of its rows, one in eight is read, and counts for eight. For dyads see
``benchmarks/dyads.py``.
"""

import argparse
import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from copydesk.models.attribution import RuleAttributor
from copydesk.models.baseline import load_baseline, shipped_polarity
from copydesk.models.blend import BlendedPolarity, Pool, both_ways, relevance
from copydesk.models.claims import ClaimDesk, HeadClaims
from copydesk.models.polarity import HeadPolarity, nearest_pair
from copydesk.models.reader import Reader
from copydesk.models.schema import CLAIM_LABELS, POLARITIES, Stance
from copydesk.models.segmenter import read_article
from copydesk.models.stance import StanceDesk
from copydesk.models.suite import Floats, PolarityQuery
from copydesk.training.pool_fitting import Component, fit_pool, written
from copydesk.training.reader_model import note_scores
from copydesk.training.resampling import Figure
from copydesk.training.tables import load_table

JOBS = ("voice", "directed", "topic", "claims")
FIVE = ("neutral", "p_positive_to_q", "p_negative_to_q", "q_positive_to_p", "q_negative_to_p")
UNRELATED_STEP = 8
"""Of so many unrelated pairs of FNC one is read."""
POLARITY_OF = {"positive": "favour", "negative": "against", "neutral": "neutral"}


class Recorder:
    """A :class:`~copydesk.models.suite.PolarityScorer` that notes what it is asked and takes no side."""

    def __init__(self) -> None:
        self.queries: list[PolarityQuery] = []

    def polarity(self, queries: Sequence[PolarityQuery]) -> Floats:
        """One third each."""
        self.queries += queries
        return np.full((len(queries), len(POLARITIES)), 1 / 3, dtype=np.float32)


def main() -> None:
    options = _options()
    reader = Reader.load(options.reader)
    chosen: dict[str, object] = {}
    for job, labels, component in _components(options, reader):
        fit = fit_pool(component)
        chosen[job] = written(fit.pool)
        by_class = ", ".join(f"{label} {value:.2f}" for label, value in zip(labels, fit.f1, strict=False))
        print(
            f"{job}, {len(component.gold)} rows: macro-F1 {told(fit.macro_f1)}, accuracy {told(fit.accuracy)}"
            f" (linear pool alone {fit.plain:.3f})\n  {written(fit.pool)}\n  {by_class}",
            flush=True,
        )
    if options.write:
        before = reader.heads.calibration
        calibration = {**before, "blend": {**before.get("blend", {}), **chosen}}
        note_scores(Path(options.reader), {"calibration": calibration})


def told(figure: Figure) -> str:
    """A figure with its interval."""
    return f"{figure.value:.3f} [{figure.low:.3f}, {figure.high:.3f}]"


def _components(options: argparse.Namespace, reader: Reader) -> Iterator[tuple[str, Sequence[str], Component]]:
    data, limit = options.data, options.limit
    if "voice" in options.only:
        yield "voice", POLARITIES, _voice(_table(data, "stance/newsmtsc_dev", limit), reader)
    if "directed" in options.only:
        yield "directed", FIVE, _directed(_table(data, "stance/directed_dev", limit), reader)
    if "topic" in options.only:
        yield "topic", POLARITIES, _topic(_table(data, "stance/vast_dev", limit), reader)
    if "claims" in options.only:
        yield "claims", CLAIM_LABELS, _claims(data, limit, reader)


def _voice(rows: Sequence[Any], reader: Reader) -> Component:
    asked = _asked(
        [
            lambda desk, row=row: desk.toward(read_article(row["sentence"]), (row["start"], row["end"]))  # type: ignore[misc]
            for row in rows
        ]
    )
    kept = [n for n, query in enumerate(asked) if query is not None and query.target_spans]
    queries = [query for query in (asked[n] for n in kept) if query is not None]
    return Component(
        np.array([POLARITIES.index(POLARITY_OF[rows[n]["label"]]) for n in kept]),
        HeadPolarity(reader).polarity(queries).astype(np.float64),
        shipped_polarity().polarity(queries).astype(np.float64),
        [query.text for query in queries],
    )


def _topic(rows: Sequence[Any], reader: Reader) -> Component:
    asked = _asked(
        [lambda desk, row=row: desk.toward(read_article(row["text"]), row["target"]) for row in rows]  # type: ignore[misc]
    )
    kept = [n for n, query in enumerate(asked) if query is not None and not query.target_spans]
    queries = [query for query in (asked[n] for n in kept) if query is not None]
    first, second = HeadPolarity(reader), shipped_polarity()
    near = BlendedPolarity(first, second, Pool(1), Pool(1), Pool(1), reader).near(queries)
    return Component(
        np.array([POLARITIES.index(rows[n]["label"]) for n in kept]),
        first.polarity(queries).astype(np.float64),
        second.polarity(queries).astype(np.float64),
        [query.text for query in queries],
        near=near.astype(np.float64) if near is not None else None,
    )


def _directed(rows: Sequence[Any], reader: Reader) -> Component:
    rows = [row for row in rows if row["p"].strip() and row["q"].strip()]
    asked = _asked(
        [
            lambda desk, row=row: desk.toward(read_article(row["sentence"]), row["q"].strip(), row["p"].strip())  # type: ignore[misc]
            for row in rows
        ]
    )
    kept = [n for n, query in enumerate(asked) if query is not None and query.target_spans and query.holder_spans]
    queries = [query for query in (asked[n] for n in kept) if query is not None]
    return Component(
        np.array([FIVE.index(rows[n]["label"]) for n in kept]),
        HeadPolarity(reader).pairs(queries).astype(np.float64),
        both_ways(shipped_polarity(), queries).astype(np.float64),
        [query.text for query in queries],
        turned=np.array([holder > target for holder, target in map(nearest_pair, queries)]),
    )


def _asked(calls: Sequence[Callable[[StanceDesk], Stance]]) -> list[PolarityQuery | None]:
    """What the stance reader asks its scorer in each call; ``None`` where it asks nothing or several things."""
    found: list[PolarityQuery | None] = []
    for call in calls:
        recorder = Recorder()
        call(StanceDesk(RuleAttributor(), recorder))
        found.append(recorder.queries[0] if len(recorder.queries) == 1 else None)
    return found


def _claims(data: Path, limit: int | None, reader: Reader) -> Component:
    rows = _table(data, "stance/fnc_pairs_dev", None)
    unrelated = [row for row in rows if row["label"] == "unrelated"]
    rows = [row for row in rows if row["label"] != "unrelated"] + unrelated[::UNRELATED_STEP]
    random.Random(0).shuffle(rows)
    rows = rows[:limit]
    bodies = {
        row["body_id"]: row["body"] for row in load_table(str(data / "stance/fnc_bodies.parquet"), ["body_id", "body"])
    }
    documents = {number: read_article(bodies[number]) for number in {row["body_id"] for row in rows}}
    rows = [row for row in rows if documents[row["body_id"]].sentences]
    desks = ClaimDesk(HeadClaims(reader)), load_baseline().claims
    first, second = (
        np.array(
            [
                [desk.read(documents[row["body_id"]], row["headline"]).scores[one] for one in CLAIM_LABELS]
                for row in rows
            ]
        )
        for desk in desks
    )
    near = relevance(
        reader, [([one.text for one in documents[row["body_id"]].sentences], row["headline"]) for row in rows]
    )
    return Component(
        np.array([CLAIM_LABELS.index(row["label"]) for row in rows]),
        first,
        second,
        [row["body_id"] for row in rows],
        near=near.astype(np.float64),
        weights=np.array([UNRELATED_STEP if row["label"] == "unrelated" else 1.0 for row in rows]),
    )


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
    parser.add_argument("--write", action="store_true", help="write what was fitted into the reader's heads.json")
    return parser.parse_args()


if __name__ == "__main__":
    main()
