"""One fault of a codebook file, as the checks of it report them."""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault of a codebook file.

    :param line: The line of the file, from 1.
    :param severity: An ``error`` stops the codebook from loading or from coding as meant; a ``warning`` makes it code worse.
    :param message: What is wrong.
    :param remedy: What to do about it.
    """

    line: int
    severity: Severity
    message: str
    remedy: str
