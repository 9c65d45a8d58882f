"""What a check of a headline is."""

from collections.abc import Callable, Iterator, Sequence

from copydesk.models.phrases import Parse

Kept = Sequence[bool]
"""Which tokens of a sentence the headline keeps."""
Check = Callable[[Parse, Kept], Iterator[str]]
"""Says what is wrong, in words."""
