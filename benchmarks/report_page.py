"""How fast a report opens: made-up coded articles, one page, headless Chromium.

    python benchmarks/report_page.py 10000 --keep /tmp/report

prints the seconds that it took to write the page, its size, and the milliseconds from the start of the navigation until the page
can be used (the plots drawn, the list filled), for each of three openings.
"""

import argparse
import random
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from copydesk.inference.report import write_report
from copydesk.models.schema import (
    MODALITIES,
    POLARITIES,
    Actor,
    Article,
    EventTag,
    Headline,
    Prediction,
    Provenance,
    Stance,
    quote,
)

ACTORS = ("Velia", "Dorland", "Orsk", "Marenia", "Port Union", "Council of Tarn", "General Ash", "Minister Bole")
WORDS = (
    "troops",
    "talks",
    "border",
    "harbour",
    "minister",
    "accused",
    "shelled",
    "agreed",
    "the",
    "of",
    "on",
    "in",
    "strike",
)
LABELS = ("ASSAULT", "AGREE", "ACCUSE", "PROTEST", "AID", "CONSULT", "THREATEN", "REQUEST")
SENTENCES = 25
"""An agency article of some 3,000 characters."""
OPENINGS = 3


def predictions(count: int, seed: int = 7) -> Iterator[Prediction]:
    """Made-up predictions with as much evidence as real ones have: three tags, six stances, three summary sentences."""
    chance = random.Random(seed)
    for number in range(count):
        parts, spans, at = [], [], 0
        for _ in range(SENTENCES):
            words = [chance.choice(ACTORS), *chance.choices(WORDS, k=18)]
            sentence = " ".join(words) + "."
            spans.append((at, at + len(sentence)))
            parts.append(sentence)
            at += len(sentence) + 2
        text = "\n\n".join(parts)
        proof = [quote(text, chance.choice(spans), round(chance.random(), 3)) for _ in range(16)]
        first, *_ = spans[0]
        yield Prediction(
            article=Article(
                text=text,
                id=f"article-{number}",
                title=f"{chance.choice(ACTORS)} and {chance.choice(ACTORS)}: {' '.join(chance.choices(WORDS, k=5))}",
                source=chance.choice(("Agency A", "Agency B", "Daily C")),
                date=str(date(2020, 1, 1) + timedelta(days=chance.randrange(1500))),
            ),
            headline=Headline(text[first : first + 40], ((first, first + 15), (first + 16, first + 40))),
            summary=tuple(sorted(proof[:3], key=lambda one: one.start)),
            events=tuple(
                EventTag(
                    label, round(chance.random(), 3), (proof[3 + place],), chance.choice(MODALITIES), label.lower()
                )
                for place, label in enumerate(chance.sample(LABELS, k=3))
            ),
            stances=tuple(
                Stance(
                    chance.choice((None, *ACTORS)),
                    target,
                    chance.choice(POLARITIES),
                    round(chance.random(), 3),
                    (proof[6 + place],),
                    1,
                )
                for place, target in enumerate(chance.sample(ACTORS, k=6))
            ),
            actors=tuple(Actor(name, "country", ((0, 1),), 0.5) for name in chance.sample(ACTORS, k=4)),
            language="en",
            warnings=("made up",) if number % 50 == 0 else (),
            provenance=Provenance("0", "none", "0" * 16, "made-up", "1", "0" * 16),
        )


def opening_ms(page: Path) -> int:
    """Milliseconds from the navigation's start until the page's script has done its work, in a new browser."""
    browser = shutil.which("chromium")
    if browser is None:
        raise SystemExit("This needs Chromium: apt-get install chromium")
    with tempfile.TemporaryDirectory() as profile:
        dom = subprocess.run(
            [
                browser,
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                f"--user-data-dir={profile}",
                "--dump-dom",
                page.as_uri(),
            ],
            check=True,
            capture_output=True,
            timeout=300,
        ).stdout
    ready = re.search(rb'data-ready="(\d+)"', dom[:2000])
    if ready is None:
        raise SystemExit("The page did not become ready.")
    return int(ready[1])


def main() -> None:
    """Write the page, open it, print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("articles", type=int, nargs="?", default=10_000)
    parser.add_argument("--keep", type=Path, help="write the page into this folder and leave it there")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = args.keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        page = folder.resolve() / "report.html"
        begun = time.perf_counter()
        write_report(predictions(args.articles), page)
        print(f"{args.articles:,} articles made and written in {time.perf_counter() - begun:.1f} s")
        print(f"{page.stat().st_size / 2**20:.1f} MB")
        print(f"ready after {', '.join(f'{opening_ms(page):,}' for _ in range(OPENINGS))} ms")


if __name__ == "__main__":
    main()
