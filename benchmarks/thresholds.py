"""How often fitted thresholds keep what was asked for, on articles that they were not fitted on.

    python benchmarks/thresholds.py ../shared/data/events/current_events_dev.parquet --label category
    python benchmarks/thresholds.py ../shared/data/events/india_police_dev.parquet --label kill arrest any_action fail force

A logistic regression on half of the table scores the other half. From that half, small samples are drawn many times; thresholds
are fitted on each and judged on the rest, beside the naive way (per label, the lowest score that has the precision on its own
rows). The confidence and the weight of the prior in ``training/threshold_fitting.py`` were chosen by these figures.
"""

import argparse
from collections.abc import Callable

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from copydesk.training import threshold_fitting
from copydesk.training.gold_labels import read_gold
from copydesk.training.labelled_table import read_table
from copydesk.training.threshold_fitting import Bools, Floats, Target, fit_thresholds

LEEWAY = 0.02
"""A run misses its target when the precision on the other articles is lower by more than this."""

Fitter = Callable[[Bools, Floats, Target], Floats]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table")
    parser.add_argument("--text", default="text")
    parser.add_argument("--label", nargs="+", default=["label"])
    parser.add_argument("--rows", nargs="+", type=int, default=[50, 100, 300], help="articles to fit on")
    parser.add_argument("--precision", nargs="+", type=float, default=[0.7, 0.8, 0.9])
    parser.add_argument("--runs", type=int, default=50)
    args = parser.parse_args()
    gold, scores = scored_half(args.table, args.text, args.label)
    fitters: dict[str, Fitter] = {"naive": naive, "fitted": fitted}
    fitters |= {f"prior {rows:g} rows": with_setting("PRIOR_ROWS", rows) for rows in (5.0, 20.0, 50.0)}
    fitters |= {f"confidence {share}": with_setting("CONFIDENCE", share) for share in (0.5, 0.7, 0.9)}
    print(f"{len(gold)} rows, {gold.shape[1]} labels, {gold.mean():.3f} of the decisions positive")
    print(f"{'rows':>5} {'wanted':>6}  {'thresholds':16} {'precision':>9} {'recall':>6} {'missed':>6}")
    for rows in args.rows:
        for precision in args.precision:
            for name, fitter in fitters.items():
                kept, recall, missed = judge(fitter, gold, scores, rows, Target("precision", precision), args.runs)
                print(f"{rows:5} {precision:6}  {name:16} {kept:9.3f} {recall:6.3f} {missed:6.2f}", flush=True)


def scored_half(path: str, text: str, label: list[str]) -> tuple[Bools, Floats]:
    """Gold labels and scores of every second row, by a classifier trained on the others."""
    table = read_table(path)
    gold = read_gold(table, label, None)
    names = sorted(gold.present)
    right = np.array([[name in labels for name in names] for labels in gold.sets])
    words = TfidfVectorizer(sublinear_tf=True, min_df=2)
    train = words.fit_transform(table.texts(text)[::2])
    test = words.transform(table.texts(text)[1::2])
    columns = [
        LogisticRegression(C=10, max_iter=300).fit(train, column).predict_proba(test)[:, 1] for column in right[::2].T
    ]
    return right[1::2], np.column_stack(columns)


def judge(
    fitter: Fitter, gold: Bools, scores: Floats, rows: int, target: Target, runs: int
) -> tuple[float, float, float]:
    """Mean precision and recall on the other articles, and the share of runs that missed the target."""
    outcomes = []
    generator = np.random.default_rng(0)
    for _ in range(runs):
        order = generator.permutation(len(gold))
        few, others = order[:rows], order[rows:]
        if not gold[few].any():
            continue
        given = scores[others] >= fitter(gold[few], scores[few], target)
        hits = (given & gold[others]).sum()
        outcomes.append((hits / max(given.sum(), 1), hits / gold[others].sum()))
    precision, recall = np.array(outcomes).T
    return precision.mean(), recall.mean(), (precision < target.value - LEEWAY).mean()


def fitted(gold: Bools, scores: Floats, target: Target) -> Floats:
    """Ours."""
    return fit_thresholds(gold, scores, [str(column) for column in range(gold.shape[1])], target).thresholds


def with_setting(name: str, value: float) -> Fitter:
    """Ours with one constant of the module set otherwise."""

    def fit(gold: Bools, scores: Floats, target: Target) -> Floats:
        usual = getattr(threshold_fitting, name)
        setattr(threshold_fitting, name, value)
        try:
            return fitted(gold, scores, target)
        finally:
            setattr(threshold_fitting, name, usual)

    return fit


def naive(gold: Bools, scores: Floats, target: Target) -> Floats:
    """Per label, the lowest score at which its own rows have the precision; 1 where there is none."""
    thresholds = []
    for right, score in zip(gold.T, scores.T, strict=True):
        good = [one for one in score if right[score >= one].mean() >= target.value]
        thresholds.append(min(good, default=1.0))
    return np.array(thresholds)


if __name__ == "__main__":
    main()
