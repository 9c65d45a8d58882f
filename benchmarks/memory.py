"""Peak memory of a run against the number of articles: it must stay flat.

    python benchmarks/memory.py                                       1,000, 10,000 and 100,000 articles, no model
    python benchmarks/memory.py --sentences 2 --sizes 1000,1000000    a million short ones
    python benchmarks/memory.py --model baseline --sizes 1000,10000

Articles are generated (seeded, each with an id) into a JSONL file, and each size runs in a process of its own through the whole
of ``copydesk predict FILE -o OUT``: reading, duplicate check, segmentation, prediction, output, checkpoints. ``none`` is a model
that gives no answers: what is measured is the path.
"""

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from copydesk.configs.codebook import Codebook
from copydesk.inference.batch import LocalEngine, run_to_file
from copydesk.inference.inputs import read_rows
from copydesk.inference.options import PredictOptions
from copydesk.inference.output_files import OutputPlan
from copydesk.inference.predictor import ArticlePredictor
from copydesk.inference.sources import InputOptions
from copydesk.models.document import Document
from copydesk.models.schema import ClaimStance, DyadCode, EventTag, Evidence, Headline, Span, Stance
from copydesk.models.suite import StanceTable, Suite

VOCABULARY = (
    "army border ceasefire minister police protest election flood strike court company bank president village talks "
    "said told on the a in of to and after with for near killed signed accused opened"
)


class Silent:
    """Every job of a model, with no answer."""

    def tag(
        self,
        documents: Sequence[Document],
        codebook: Codebook,  # noqa: ARG002
        *,
        exclusive: bool = False,  # noqa: ARG002
    ) -> list[tuple[EventTag, ...]]:
        """No events."""
        return [()] * len(documents)

    def code(self, dyads: Sequence[tuple[str, str, str]], codebook: Codebook) -> list[DyadCode]:  # noqa: ARG002
        """No codes."""
        return []

    def table(self, document: Document, targets: Sequence[str] | None = None) -> StanceTable:  # noqa: ARG002
        """No stances."""
        return StanceTable((), ())

    def toward(self, document: Document, target: str | Span, holder: str | None = None) -> Stance:  # noqa: ARG002
        """Neutral."""
        return Stance(holder, str(target), "neutral", 1.0, reason="not read")

    def read(self, document: Document, claim: str) -> ClaimStance:  # noqa: ARG002
        """Unrelated."""
        return ClaimStance("unrelated", 1.0, ())

    def headlines(self, document: Document, **_: object) -> tuple[Headline, ...]:  # noqa: ARG002
        """No headline."""
        return ()

    def summary(self, document: Document, k: int = 3) -> tuple[Evidence, ...]:  # noqa: ARG002
        """No summary."""
        return ()


def silent_suite() -> Suite:
    """The model ``none``."""
    silent = Silent()
    return Suite("none", "0" * 16, silent, silent, silent, silent, silent)


def write_corpus(path: Path, articles: int, sentences: int) -> None:
    """Generate a corpus, a line at a time; articles have half to one and a half times ``sentences``."""
    vocabulary = VOCABULARY.split()
    chance = random.Random(articles)
    with path.open("w", encoding="utf-8") as out:
        for number in range(articles):
            lines = []
            for _ in range(chance.randint(max(1, sentences // 2), sentences + sentences // 2)):
                words = chance.choices(vocabulary, k=chance.randint(10, 20))
                lines.append(" ".join(words).capitalize() + ".")
            out.write(json.dumps({"id": f"article-{number}", "text": " ".join(lines)}) + "\n")


def measure(corpus: Path, model: str) -> dict[str, float]:
    """Code a corpus in this process: seconds, and peak resident memory in MiB."""
    desk = ArticlePredictor(silent_suite()) if model == "none" else ArticlePredictor.from_pretrained(model)
    options = PredictOptions.of("plover")
    plan = OutputPlan(path=corpus.with_name("coded.jsonl"), form="jsonl", restart=True)
    started = time.monotonic()
    progress = run_to_file(
        read_rows([str(corpus)], InputOptions()), LocalEngine(desk, options), plan, options.fingerprint()
    )
    kibibytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"articles": progress.rows, "seconds": time.monotonic() - started, "peak_mib": kibibytes / 1024}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="1000,10000,100000", help="numbers of articles, with commas")
    parser.add_argument("--model", default="none", help="none, or a model's name")
    parser.add_argument("--sentences", type=int, default=25, help="of an article, on average (%(default)s)")
    parser.add_argument("--folder", type=Path, help="where the corpora and outputs go for the time of the run")
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.measure:
        print(json.dumps(measure(args.measure, args.model)))
        return
    print(f"{'articles':>10} {'MB in':>8} {'seconds':>9} {'per s':>8} {'peak MiB':>9}")
    for size in map(int, args.sizes.split(",")):
        with tempfile.TemporaryDirectory(dir=args.folder) as folder:
            corpus = Path(folder) / "corpus.jsonl"
            write_corpus(corpus, size, args.sentences)
            command = [sys.executable, __file__, "--measure", str(corpus), "--model", args.model]
            found = json.loads(subprocess.check_output(command))
            megabytes, rate = corpus.stat().st_size / 1e6, found["articles"] / found["seconds"]
            print(
                f"{size:>10,} {megabytes:>8,.0f} {found['seconds']:>9.1f} {rate:>8.0f} {found['peak_mib']:>9.1f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
