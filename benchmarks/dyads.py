"""Who did what to whom: accuracy on dyads that the reader never saw, and whether swapping the actors changes the answer.

    python benchmarks/dyads.py ../shared/data
    python benchmarks/dyads.py ../shared/data --reader models/embedded/reader --write

The dyads are those of the sentences that the recipe's task ``dyads`` holds out, with a baseline fitted anew on the others.
The directions are sentences of our own, active and passive, over all roots (tests/data/dyad_directions.jsonl): ``forward`` is the
share that is coded right, ``turned`` the share of the one-way deeds for which the swapped actors get another code, ``both`` the
share where both hold; there the shipped baseline stands beside the reader, as it will for users. Each line is one contrast (how
much a label that holds better of the swapped actors is held back) and one share of the reader's probabilities beside the
baseline's.

Last come two codebooks that no training saw (``tests/data/dyad_quads.toml``, ``tests/data/dyad_roots_reworded.toml``), read as a
codebook of the training is read and as users' own are.

``--write`` puts the pair with the best mean of the dyads' macro-F1 and ``both`` into the reader's ``heads.json``; an even share
and no contrast give way only to what is better by :data:`MIN_GAIN`.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from copydesk.configs.codebook import Codebook
from copydesk.configs.recipe_reader import ReaderRecipe
from copydesk.models.baseline import load_baseline
from copydesk.models.baseline_dyads import dyad_features, dyad_model
from copydesk.models.calibration import Doubles
from copydesk.models.dyads import EntailmentDyadCoder, contrasted
from copydesk.models.reader import Reader
from copydesk.models.suite import DyadCoder
from copydesk.models.transformer import OTHER_DYADS, TRAINED_DYADS, embedded_folder
from copydesk.training.metrics import single_label_scores
from copydesk.training.reader_model import note_scores
from copydesk.training.reader_tasks import split_groups
from copydesk.training.resampling import Resampling
from copydesk.training.tables import load_table
from copydesk.training.train import read_recipe

CONTRASTS = (0.0, 0.25, 0.5, 1.0, 2.0)
SHARES = (1.0, 0.8, 0.6, 0.5, 0.4)
MIN_GAIN = 0.01
HOME = Path(__file__).parents[1]
Dyad = tuple[str, str, str]


@dataclass(frozen=True)
class Answers:
    """What both models say of dyads, shape (dyads, labels) each.

    :param straight: The reader's log-odds of the actors as they are.
    :param swapped: Of the swapped ones.
    :param baseline: The baseline's probabilities of the actors as they are.
    :param baseline_swapped: Of the swapped ones.
    """

    straight: Doubles
    swapped: Doubles
    baseline: Doubles
    baseline_swapped: Doubles

    def chances(self, contrast: float, share: float, *, turned: bool = False) -> Doubles:
        """The probabilities of both together; ``turned`` for the swapped actors."""
        one, other = (self.swapped, self.straight) if turned else (self.straight, self.swapped)
        logits = contrasted(one, other, contrast)
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        beside = self.baseline_swapped if turned else self.baseline
        return np.asarray(share * powers / powers.sum(axis=1, keepdims=True) + (1 - share) * beside)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder of the development tables")
    parser.add_argument("--reader", help="a reader's folder; the embedded one by default")
    parser.add_argument("--recipe", type=Path, default=HOME / "configs" / "recipes" / "reader.toml")
    parser.add_argument("--write", action="store_true", help="write contrast and share into the reader's heads.json")
    options = parser.parse_args()

    folder = Path(options.reader) if options.reader else embedded_folder()
    reader = Reader.load(str(folder))
    book = Codebook.load("plover15")
    rows, others, group = held_out(options.data, options.recipe)
    own = [json.loads(line) for line in (HOME / "tests/data/dyad_directions.jsonl").read_text("utf-8").splitlines()]
    model = dyad_model(6000, 10.0)
    model.fit([dyad_features(*triple(row)) for row in others], [row["root"] for row in others])
    held = answers(reader, [triple(row) for row in rows], book, Fitted(model, book))
    ways = answers(reader, [triple(row) for row in own], book, Shipped(load_baseline().dyads, book))
    resampling = Resampling(groups=[row[group] for row in rows] if group else None)
    one_way = np.array([not row["mutual"] for row in own])
    print(f"{len(rows)} held-out dyads, {len(own)} directions, {one_way.sum()} of them one way")
    found: dict[tuple[float, float], float] = {}
    for contrast in CONTRASTS:
        for share in SHARES:
            chances = held.chances(contrast, share)
            scores = single_label_scores(
                [row["root"] for row in rows], codes(chances, book), chances.max(axis=1), resampling
            )
            ahead = np.array(codes(ways.chances(contrast, share), book))
            back = np.array(codes(ways.chances(contrast, share, turned=True), book))
            right, turned = ahead == np.array([row["root"] for row in own]), ahead != back
            both = float((right & turned)[one_way].mean())
            macro = scores.overall["macro F1"]
            found[contrast, share] = (float(macro.value or 0.0) + both) / 2
            shown = "  ".join(
                f"{name} {figure.value:.3f} [{figure.low:.3f}, {figure.high:.3f}]"
                for name, figure in scores.overall.items()
                if name in ("accuracy", "macro F1")
            )
            print(
                f"contrast {contrast:4} share {share:3}: {shown}  ECE {scores.ece:.3f}  forward {right.mean():.2f}"
                f"  turned {turned[one_way].mean():.2f}  both {both:.2f}",
                flush=True,
            )
    report_others(reader, rows)
    best = max(found, key=lambda pair: found[pair] - MIN_GAIN * (pair != (0.0, 0.5)))
    print(f"best: contrast {best[0]}, share {best[1]}")
    if options.write:
        write(folder, reader, *best)


@dataclass(frozen=True)
class Fitted:
    """Probabilities of a linear model fitted here."""

    model: Any
    book: Codebook

    def chances(self, dyads: Sequence[Dyad]) -> Doubles:
        """Of each dyad's labels, shape (dyads, labels)."""
        known = self.model.predict_proba([dyad_features(*dyad) for dyad in dyads])
        return np.asarray(known[:, [list(self.model.classes_).index(label) for label in self.book.ids]])


@dataclass(frozen=True)
class Shipped:
    """Probabilities of a dyad coder."""

    coder: DyadCoder
    book: Codebook

    def chances(self, dyads: Sequence[Dyad]) -> Doubles:
        """Of each dyad's labels, shape (dyads, labels)."""
        return np.array([[code.scores[label] for label in self.book.ids] for code in self.coder.code(dyads, self.book)])


def report_others(reader: Reader, rows: Sequence[Any]) -> None:
    """The held-out dyads under codebooks that no training saw."""
    dyads = [triple(row) for row in rows]
    for file, column in (("dyad_quads.toml", "quad"), ("dyad_roots_reworded.toml", "root")):
        book = Codebook.load(HOME / "tests" / "data" / file)
        gold = [str(row[column]) for row in rows]
        for way, calibration in (("as trained", TRAINED_DYADS), ("as others", OTHER_DYADS)):
            found = EntailmentDyadCoder(reader, reader, calibration).code(dyads, book)
            scores = single_label_scores(gold, [one.label for one in found], np.array([one.score for one in found]))
            macro = scores.overall["macro F1"]
            print(f"{book.name:15} {way:11} macro F1 {macro.value:.3f} [{macro.low:.3f}, {macro.high:.3f}]", flush=True)


def answers(reader: Reader, dyads: Sequence[Dyad], book: Codebook, baseline: Fitted | Shipped) -> Answers:
    """Everything that the lines are made of."""
    swapped = [(sentence, target, source) for sentence, source, target in dyads]
    coder = EntailmentDyadCoder(reader, None, TRAINED_DYADS)
    templates = [coder.templates(label) for label in book.labels]
    return Answers(
        coder.one_way(dyads, templates),
        coder.one_way(swapped, templates),
        baseline.chances(dyads),
        baseline.chances(swapped),
    )


def held_out(data: Path, path: Path) -> tuple[list[Any], list[Any], str | None]:
    """The dyads that the recipe holds out, the others, and the column that groups them."""
    recipe = ReaderRecipe.model_validate(read_recipe(path))
    task = next(one for one in recipe.tasks if one.name == "dyads")
    rows = load_table(str(data / task.table), ["sentence", "source", "target", "root", "quad", "sentence_id"])
    held, others = split_groups(rows, task.dev_fraction, task.dev_group, recipe.split_seed)
    return list(held), list(others), task.dev_group


def triple(row: Any) -> Dyad:
    return row["sentence"], row["source"], row["target"]


def codes(chances: Doubles, book: Codebook) -> list[str]:
    """The likeliest label of each row."""
    return [book.ids[int(column)] for column in chances.argmax(axis=1)]


def write(folder: Path, reader: Reader, contrast: float, share: float) -> None:
    """Put both into ``heads.json``; the rest of it stays."""
    before = reader.heads.calibration
    fitted = asdict(replace(TRAINED_DYADS, contrast=contrast))
    blend = {**before.get("blend", {}), "dyads": share}
    note_scores(folder, {"calibration": {**before, "dyads": fitted, "blend": blend}})


if __name__ == "__main__":
    main()
