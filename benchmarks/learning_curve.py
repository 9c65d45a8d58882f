"""How many labelled articles does one need? The fine-tuned reader against TF-IDF with logistic regression.

    python benchmarks/learning_curve.py TABLE.parquet --text text --label category --codebook mine.txt --sizes 8 32 128

Trains on the first N rows of a seeded shuffle and tests on the last part of it, which no size trains on. Prints macro-F1 with 95%
bootstrap intervals. Size 0 is the reader as it is, without any training. ``--base`` starts from another reader than the shipped
one, e.g. one that never saw the source of the table (configs/recipes/reader_zero_shot.toml).
"""

import argparse
import json
import random
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from copydesk import ArticlePredictor, Codebook
from copydesk.training.metrics import single_label_scores
from copydesk.training.reader_run import recipe_from, run
from copydesk.training.resampling import Figure
from copydesk.training.tables import load_table
from copydesk.training.train import read_recipe

FINETUNE = Path(__file__).parents[1] / "configs" / "recipes" / "finetune.toml"
STEPS = {8: 40, 32: 60, 128: 120}
"""Fine-tuning steps by number of examples; above the last one, one step for each 8 examples."""


def main() -> None:
    options = _options()
    rows = load_table(options.table, [options.text, options.label])
    random.Random(options.seed).shuffle(rows)
    test, pool = rows[-options.test :], rows[: -options.test]
    texts, gold = [row[options.text] for row in test], [str(row[options.label]) for row in test]
    codebook = Codebook.load(options.codebook)
    print(f"{len(test)} test rows, {len(codebook.labels)} labels")
    zero = _tag(ArticlePredictor.from_pretrained(options.base), texts, codebook)
    print(f"{0:>6} examples   reader {_show(gold, zero)}   (zero-shot)", flush=True)
    for size in options.sizes:
        part = pool[:size]
        linear = _linear([row[options.text] for row in part], [str(row[options.label]) for row in part], texts)
        with tempfile.TemporaryDirectory() as folder:
            tuned = _tag(ArticlePredictor.from_pretrained(_finetune(part, options, Path(folder))), texts, codebook)
        print(f"{len(part):>6} examples   reader {_show(gold, tuned)}   tf-idf {_show(gold, linear)}", flush=True)


def _finetune(rows: Sequence[dict[str, str]], options: argparse.Namespace, folder: Path) -> str:
    table = folder / "train.jsonl"
    lines = [json.dumps({"text": row[options.text], "label": str(row[options.label])}) for row in rows]
    table.write_text("\n".join(lines) + "\n", encoding="utf-8")
    values = read_recipe(FINETUNE)
    values |= {"base": options.base, "output": str(folder / "model"), "work": str(folder / "work"), "patience": 0}
    values["schedule"]["steps"] = next((steps for size, steps in STEPS.items() if len(rows) <= size), len(rows) // 8)
    values["tasks"][0] |= {"table": str(table), "codebook": options.codebook, "dev_fraction": 0.0, "columns": {}}
    return str(run(recipe_from(values)))


def _tag(desk: ArticlePredictor, texts: Sequence[str], codebook: Codebook) -> list[str]:
    return [tags[0].label for tags in desk.tag_events(texts, codebook=codebook, exclusive=True)]


def _linear(texts: Sequence[str], labels: Sequence[str], test: Sequence[str]) -> list[str]:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    model = make_pipeline(
        TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2)),
        LogisticRegression(C=10, class_weight="balanced", max_iter=1000),
    )
    return [str(label) for label in model.fit(texts, labels).predict(test)]


def _show(gold: Sequence[str], given: Sequence[str]) -> str:
    figure: Figure = single_label_scores(gold, given, np.ones(len(gold))).overall["macro F1"]
    return f"{figure.value:.3f} [{figure.low:.3f}, {figure.high:.3f}]"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table")
    parser.add_argument("--text", default="text")
    parser.add_argument("--label", default="label")
    parser.add_argument("--codebook", required=True, help="a codebook or a text file with a label a line")
    parser.add_argument("--base", default="embedded", help="the reader that training starts from")
    parser.add_argument("--sizes", type=int, nargs="+", default=[8, 32, 128, 1000])
    parser.add_argument("--test", type=int, default=200, help="rows that are held out")
    parser.add_argument("--seed", type=int, default=13)
    return parser.parse_args()


if __name__ == "__main__":
    main()
