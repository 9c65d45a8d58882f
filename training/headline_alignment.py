"""Which words of a sentence a headline keeps: labels for the keep head, from two kinds of pairs.

A compression by deletion is a subsequence of its sentence, so its labels are exact (:func:`compression_keep_labels`). A published
headline rarely is one: its words stand in another order, in another form ("plunge" for "plunged") or not at all. Those pairs
get soft labels (:func:`aligned_keep_labels`): a content word is kept if the headline has the same word or stem, a function word
as far as the headline has it between the same neighbours. Pairs with too little in common teach nothing and are left out.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise

from copydesk.models.headline_words import normal, stem
from copydesk.models.lexicon import function_words
from copydesk.models.words import is_word, word_spans

KeepLabel = tuple[int, int, float]
"""``(start, end, target)``: a word's span in the sentence and how surely it is kept, 0 to 1."""

MIN_COVERAGE = 0.5
"""Share of the headline's content words that must stand in the sentence. Below it, most of the aligned words are chance
(on ``news_train`` about half of the first sentences pass)."""
MIN_MATCHES = 3
"""Content words that must be aligned, so that a two-word headline is not matched by a name alone."""
SOFT_FUNCTION_WORD = 0.4
"""Target of a function word that the headline leaves out between two words that it keeps: headlines drop most of them for
brevity, a grammatical compression cannot drop all."""
FRAGMENT_COST = 0.5
"""Cost of opening a new run of kept words when a compression is matched to its sentence. Below 1, so that it only chooses
between matches that are equally long."""

_FUNCTION_WORDS = function_words()


def aligned_keep_labels(sentence: str, headline: str) -> list[KeepLabel] | None:
    """Soft keep labels of a sentence's words, from a published headline.

    :param sentence: One sentence of the article, without dateline.
    :param headline: The headline that was published above it.
    :return: One label per word of the sentence (punctuation has none), or ``None`` where the two have too little in common.
    """
    spans = [span for span in word_spans(sentence) if is_word(sentence[slice(*span)])]
    words = [normal(sentence[start:end]) for start, end in spans]
    wanted = [normal(word) for word in _words(headline)]
    stems = Counter(stem(word) for word in wanted if word not in _FUNCTION_WORDS)
    kept = _content_matches(words, stems)
    matched = {stem(words[index]) for index in kept}
    if len(matched) < MIN_MATCHES or len(matched) < MIN_COVERAGE * len(stems):
        return None
    targets = [1.0 if index in kept else 0.0 for index in range(len(words))]
    bigrams = set(pairwise(wanted))
    for index, word in enumerate(words):
        if word in _FUNCTION_WORDS:
            targets[index] = _function_word_target(index, words, kept, bigrams)
    return [(start, end, target) for (start, end), target in zip(spans, targets, strict=True)]


def compression_keep_labels(sentence: str, compression: str) -> list[KeepLabel] | None:
    """Keep labels of a sentence's words, from its compression by deletion.

    Where a word stands several times in the sentence, the match with the fewest gaps is taken.

    :param sentence: The whole sentence.
    :param compression: Words of it, in order; letter case and spaces may differ.
    :return: One label (0 or 1) per word of the sentence (punctuation has none), or ``None`` if the compression is no subsequence.
    """
    spans = [span for span in word_spans(sentence) if is_word(sentence[slice(*span)])]
    atoms, owners = _atoms([sentence[start:end] for start, end in spans])
    wanted, _ = _atoms(_words(compression))
    kept_atoms = _subsequence_match(atoms, wanted)
    if kept_atoms is None:
        return None
    sizes, hits = Counter(owners), Counter(owners[index] for index in kept_atoms)
    return [(start, end, float(2 * hits[index] >= sizes[index])) for index, (start, end) in enumerate(spans)]


def same_word_stem(headline: str) -> Callable[[str], bool]:
    """A test of a word: is it, or another form of it, in the headline?"""
    stems = {stem(normal(word)) for word in _words(headline)}
    return lambda word: stem(normal(word)) in stems


def _words(text: str) -> list[str]:
    return [text[start:end] for start, end in word_spans(text) if is_word(text[start:end])]


def _content_matches(words: Sequence[str], stems: Counter[str]) -> set[int]:
    """Indices of the content words whose stem the headline has; of a repeated one, the first, as many as the headline has."""
    left, kept = Counter(stems), set()
    for index, word in enumerate(words):
        form = stem(word)
        if word not in _FUNCTION_WORDS and left[form] > 0:
            left[form] -= 1
            kept.add(index)
    return kept


def _function_word_target(index: int, words: Sequence[str], kept: set[int], bigrams: set[tuple[str, str]]) -> float:
    """1 where the headline has the word beside the same neighbour, a little between two kept words, else 0."""
    before, after = index - 1 in kept, index + 1 in kept
    if (before and (words[index - 1], words[index]) in bigrams) or (
        after and (words[index], words[index + 1]) in bigrams
    ):
        return 1.0
    near_after = after or (index + 2 in kept and words[index + 1] in _FUNCTION_WORDS)
    near_before = before or (index - 2 in kept and words[index - 1] in _FUNCTION_WORDS)
    return SOFT_FUNCTION_WORD if near_before and near_after else 0.0


def _atoms(words: Sequence[str]) -> tuple[list[str], list[int]]:
    """Letter or digit runs in lower case, and the word that each came from: "U-17" is matched by "U- 17"."""
    atoms: list[str] = []
    owners: list[int] = []
    for owner, word in enumerate(words):
        pieces = "".join(character if character.isalnum() else " " for character in word.lower()).split()
        atoms.extend(pieces)
        owners.extend([owner] * len(pieces))
    return atoms, owners


def _subsequence_match(text: Sequence[str], wanted: Sequence[str]) -> set[int] | None:
    """Indices of ``text`` that spell ``wanted`` in order with the fewest gaps; ``None`` if it is no subsequence."""
    if not wanted:
        return None
    infinity = float("inf")
    # cost[j]: fewest fragments with wanted[: i + 1] matched and its last word at text[j]; back[i][j]: where its predecessor is.
    cost = [FRAGMENT_COST if word == wanted[0] else infinity for word in text]
    back: list[list[int]] = []
    for target in wanted[1:]:
        previous, cost, pointers = cost, [infinity] * len(text), [-1] * len(text)
        best, best_at = infinity, -1
        for j, word in enumerate(text):
            if j >= 2 and previous[j - 2] < best:
                best, best_at = previous[j - 2], j - 2
            if word != target:
                continue
            cost[j], pointers[j] = best + FRAGMENT_COST, best_at
            if j >= 1 and previous[j - 1] <= cost[j]:
                cost[j], pointers[j] = previous[j - 1], j - 1
        back.append(pointers)
    last = min(range(len(text)), key=cost.__getitem__, default=-1)
    if last < 0 or cost[last] == infinity:
        return None
    kept = {last}
    for pointers in reversed(back):
        last = pointers[last]
        kept.add(last)
    return kept
