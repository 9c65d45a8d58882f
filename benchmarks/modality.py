"""Accuracy of the modality rules on the sentences of tests/data/modality.jsonl, by part, with the confusions.

    python benchmarks/modality.py [--errors]

The parts were written one after another. ``development`` came with the rules. ``round-1`` to ``round-4`` were each held out
first (accuracy then: 0.754 of 69, 0.800 of 70, 0.846 of 65, 0.803 of 61) and used for improving the rules afterwards.
``held-out`` was written last: no rule and no word of the lexicon has been changed for its sake.
"""

import argparse
import json
from collections import Counter
from functools import cache
from pathlib import Path

from copydesk.configs.codebook import Codebook
from copydesk.models.modality import modality
from copydesk.models.schema import MODALITIES

load = cache(Codebook.load)
SENTENCES = Path(__file__).parent.parent / "tests" / "data" / "modality.jsonl"


def main() -> None:
    """Print the accuracy of each part and how the held-out part is confused."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--errors", action="store_true", help="print the sentences that are misread")
    options = parser.parse_args()
    rows = [json.loads(line) for line in SENTENCES.read_text(encoding="utf-8").splitlines()]
    right: Counter[str] = Counter()
    confusion: Counter[tuple[str, str]] = Counter()
    for row in rows:
        codebook = load(row["codebook"]) if row["codebook"] else Codebook.from_labels([row["label"]])
        found = modality(row["sentence"], codebook.label(row["label"]))
        right[row["part"]] += found == row["expected"]
        if row["part"] == "held-out":
            confusion[row["expected"], found] += 1
        if options.errors and found != row["expected"]:
            print(f"{row['part']}: {row['expected']} read as {found}, {row['label']}: {row['sentence']}")
    for part, total in Counter(row["part"] for row in rows).items():
        print(f"{part:12s} {right[part]:4d} of {total:4d}  {right[part] / total:.3f}")
    print("\nheld-out, expected (rows) against found (columns):")
    print(" " * 12 + "".join(f"{kind:>12s}" for kind in MODALITIES))
    for expected in MODALITIES:
        print(f"{expected:12s}" + "".join(f"{confusion[expected, found]:12d}" for found in MODALITIES))


if __name__ == "__main__":
    main()
