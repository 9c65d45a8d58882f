"""Puts what the shipped model answers now into README's first block: python .ci/refresh_readme.py

The page is cut, not changed: the summary and the warnings are left out, and all but the first proofs of the stance table.
"""

import io
import re
from pathlib import Path

from rich.console import Console

from copydesk import Article, ArticlePredictor
from copydesk.inference.page import print_page

ROOT = Path(__file__).parents[1]
EXAMPLE = "examples/strait.txt"
WIDTH = 80
PROOFS = 4
"""Proofs of the stance table that are shown."""


def page() -> str:
    """The page of the example as a terminal of :data:`WIDTH` columns shows it, without colours."""
    article = Article(text=(ROOT / EXAMPLE).read_text(encoding="utf-8"), id=EXAMPLE)
    screen = io.StringIO()
    print_page(ArticlePredictor.from_pretrained().predict(article), Console(file=screen, width=WIDTH))
    return "\n".join(line.rstrip() for line in screen.getvalue().strip().splitlines())


def cut(shown: str) -> str:
    """The page without its summary, its warnings and the later proofs of its stance table."""
    shown = re.sub(r"^Summary\n(?: .*\n|\n)*", "", shown, flags=re.MULTILINE)
    shown = re.sub(r"^Warnings\n(?: .*\n|\n)*", "", shown, flags=re.MULTILINE)
    return re.sub(rf"^  \[{PROOFS + 1}\] (?:.*\n)*?\n", "  …\n\n", shown, flags=re.MULTILINE)


def main() -> None:
    """Rewrite the block in place."""
    readme = ROOT / "README.md"
    text = readme.read_text(encoding="utf-8")
    block = f"```text\n$ copydesk predict {EXAMPLE}\n{cut(page())}\n```"
    readme.write_text(re.sub(r"```text\n.*?```", lambda _: block, text, count=1, flags=re.DOTALL), encoding="utf-8")


if __name__ == "__main__":
    main()
