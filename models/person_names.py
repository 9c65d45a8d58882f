"""People by their surname: "Hillary Clinton" is "Clinton" in a headline, if that is whom the name makes one think of.

The tables are learnt by ``training/headline_names.py`` from how news names people: first names are what stands between a title
and a surname, and the usual bearer of a surname is the one who bears it most often.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from copydesk.models.phrases import Parse


@dataclass(frozen=True)
class People:
    """What news teaches about names.

    :param first: First names.
    :param usual: For a surname that most often has one first name: that name.
    :param shared: Surnames that several people of the news have.
    """

    first: frozenset[str]
    usual: Mapping[str, str]
    shared: frozenset[str]


@cache
def people() -> People:
    """The shipped tables."""
    table = json.loads((files("copydesk.models") / "embedded" / "headline" / "people.json").read_text(encoding="utf-8"))
    return People(frozenset(table["first"]), table["usual"], frozenset(table["shared"]))


def surnames(read: Parse) -> Iterator[tuple[int, int, Literal["name"]]]:
    """First names that may go: "[Hillary] Clinton said", not "[Michelle] Obama", "[Jack] Daniels whiskey" or a company's."""
    known = people()
    for index in range(read.body_end - 1):
        first, last = read.words[index], read.words[index + 1].removesuffix("'s").removesuffix("’s")
        if first not in known.first or read.quote_depth[index] or read.tags[index + 1] not in {"NP", "PZ"}:
            continue
        if (
            not (last.istitle() and last.isalpha() and len(last) > 2)
            or last in known.shared
            or known.usual.get(last, first) != first
        ):
            continue
        before = read.words[index - 1] if index else ","
        after = read.words[index + 2] if index + 2 < len(read) else ","
        if (
            not (before[0].isupper() and index > 1)
            and before != "&"
            and not after[0].isupper()
            and after not in {"&", "("}
        ):
            yield index, index + 1, "name"
