"""Who did what to whom on dyads that the shipped reader never saw: the sentences that its recipe holds out.

    python benchmarks/dyads.py configs/recipes/reader.toml
    python benchmarks/dyads.py configs/recipes/reader.toml --statements 1 2 4 --similarity 0 5 10

Each line is one way to read the labels' statements; the last column is the share of dyads whose code changes when the actors are
swapped.
"""

import argparse
import tomllib
from dataclasses import replace
from pathlib import Path

import numpy as np

from copydesk.configs.codebook import Codebook
from copydesk.models.dyads import EntailmentDyadCoder
from copydesk.models.transformer import load_transformer
from copydesk.training.metrics import single_label_scores
from copydesk.training.reader_run import recipe_from
from copydesk.training.reader_tasks import split_groups
from copydesk.training.resampling import Resampling


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe", type=Path, help="whose task 'dyads' names the table and the held-out share")
    parser.add_argument("--model", help="a folder or a Hub id; the embedded reader by default")
    parser.add_argument(
        "--statements", type=int, nargs="+", help="statements of a label to read; default: as calibrated"
    )
    parser.add_argument("--similarity", type=float, nargs="+", help="weights of the cosine; default: as calibrated")
    options = parser.parse_args()

    from datasets import load_dataset

    recipe = recipe_from(tomllib.loads(options.recipe.read_text(encoding="utf-8")))
    task = next(one for one in recipe.tasks if one.name == "dyads")
    rows = [dict(row) for row in load_dataset("parquet", data_files=recipe.resolve(task.table), split="train")]
    held, _ = split_groups(rows, task.dev_fraction, task.dev_group, recipe.seed)
    gold = [row[task.columns["label"]] for row in held]
    dyads = [(row["sentence"], row["source"], row["target"]) for row in held]
    resampling = Resampling(groups=[row[task.dev_group] for row in held] if task.dev_group else None)
    book = Codebook.load(task.codebook or "plover15")
    coder = load_transformer(options.model).dyads
    assert isinstance(coder, EntailmentDyadCoder)
    fitted = coder.calibration
    print(f"{len(held)} dyads, {len(set(gold))} labels")
    for statements in options.statements or [fitted.statements]:
        for similarity in options.similarity or [fitted.similarity]:
            coder.calibration = replace(fitted, statements=statements, similarity=similarity)
            codes = coder.code(dyads, book)
            swapped = coder.code([(sentence, target, source) for sentence, source, target in dyads], book)
            scores = single_label_scores(
                gold, [code.label for code in codes], np.array([code.score for code in codes]), resampling
            )
            shown = "  ".join(
                f"{name} {figure.value:.3f} [{figure.low:.3f}, {figure.high:.3f}]"
                for name, figure in scores.overall.items()
            )
            turned = np.mean([one.label != other.label for one, other in zip(codes, swapped, strict=True)])
            print(
                f"statements {statements}, similarity {similarity:g}: {shown}  ECE {scores.ece:.3f}  turned {turned:.2f}"
            )


if __name__ == "__main__":
    main()
