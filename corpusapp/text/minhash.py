"""Near copies: a small sketch of a text, by which versions of one story are found and compared.

MinHash by one permutation (Li, Owen and Zhang, 2012, "One Permutation Hashing"): the hashes of all shingles of three
words are distributed over BINS bins, and each bin keeps its smallest. Two sketches agree in a bin with a probability of
the Jaccard similarity of their sets of shingles. Bands of ROWS bins are the keys by which candidates are looked up:
a copy with a tenth of its words changed has a similarity of about 0.57, and shares a band with one of 0.98.
"""

import re
import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from corpusapp.text.scripts import UNSPACED

BINS, ROWS = 64, 3
BANDS = BINS // ROWS
SHINGLE = 3
# Unrelated texts share about 1 % of their shingles, versions of one story a third or more.
MIN_SIMILARITY = 0.3
# Shorter texts have no sketch: two similar captions are not copies.
MIN_WORDS = 20

# Pairs that are compared at a time, to limit memory.
_AT_ONCE = 10_000
# In scripts without spaces, each character is a word.
_WORD = re.compile(f"[{UNSPACED}]|[^\\W{UNSPACED}]+")
# Fast path for texts in ASCII, apart from typographic punctuation: bytes are split much faster.
_MARKS = "‘’“”–—…•«»\xa0"
_WORD_BYTES = bytes(ord(chr(code).lower()) if chr(code).isalnum() or code == 95 else 32 for code in range(128))
_WORD_BYTES += bytes(range(128, 256))
_EMPTY = np.uint32(0xFFFFFFFF)
_FACTORS = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], dtype=np.uint64)


def sketch(text: str) -> np.ndarray | None:
    """BINS unsigned 32-bit values; None if the text has fewer than MIN_WORDS words."""
    words = _words(text)
    if len(words) < MIN_WORDS:
        return None
    hashes = _shingle_hashes(words)
    bins = (hashes >> np.uint64(32)) % np.uint64(BINS)
    values = np.full(BINS, _EMPTY, dtype=np.uint32)
    np.minimum.at(values, bins.astype(np.intp), (hashes & np.uint64(0xFFFFFFFE)).astype(np.uint32))
    return _densified(values)


def band_keys(values: np.ndarray) -> list[int]:
    """One signed 64-bit key for each band; near copies share at least one with a high probability."""
    return [
        int.from_bytes(zlib.crc32(part, band).to_bytes(4) + zlib.crc32(part[::-1], band).to_bytes(4), signed=True)
        for band, part in ((band, values[band * ROWS : (band + 1) * ROWS].tobytes()) for band in range(BANDS))
    ]


def similarities(sketches: np.ndarray, pairs: ArrayLike) -> np.ndarray:
    """The estimated Jaccard similarities of two texts' shingles, 0 to 1; their standard error is at most 0.0625.

    `sketches` has a row for each text, `pairs` the rows to compare.
    """
    first, second = np.asarray(pairs, dtype=np.intp).T
    shares = [
        np.count_nonzero(sketches[first[at : at + _AT_ONCE]] == sketches[second[at : at + _AT_ONCE]], axis=1)
        for at in range(0, len(first), _AT_ONCE)
    ]
    return np.concatenate(shares) / BINS


def to_bytes(values: np.ndarray) -> bytes:
    return values.astype("<u4").tobytes()


def from_bytes(data: bytes) -> np.ndarray:
    return np.frombuffer(data, dtype="<u4")


def _words(text: str) -> list[bytes]:
    """The words in UTF-8, case-folded."""
    if not text.isascii():
        for mark in _MARKS:
            text = text.replace(mark, " ")
    if text.isascii():
        return text.encode().translate(_WORD_BYTES).split()
    # Encoded together: one call per word would take most of the time.
    words = _WORD.findall(text.casefold())
    return "\n".join(words).encode(errors="replace").split(b"\n") if words else []


def _shingle_hashes(words: Sequence[bytes]) -> np.ndarray:
    """A well-mixed 64-bit hash of every SHINGLE words in a row."""
    single = np.fromiter(map(zlib.crc32, words), dtype=np.uint64, count=len(words))
    count = len(words) - SHINGLE + 1
    hashes = np.zeros(count, dtype=np.uint64)
    for position, factor in enumerate(_FACTORS):
        hashes += (single[position : position + count] + np.uint64(1)) * factor
    # The finaliser of SplitMix64 (Steele, Lea and Flood, 2014).
    hashes = (hashes ^ (hashes >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    hashes = (hashes ^ (hashes >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return hashes ^ (hashes >> np.uint64(31))


def _densified(values: np.ndarray) -> np.ndarray:
    """Empty bins take the value of the next filled one, marked by the distance (Shrivastava and Li, 2014)."""
    filled = np.flatnonzero(values != _EMPTY)
    if len(filled) == BINS:
        return values
    following = filled[np.searchsorted(filled, np.arange(BINS)) % len(filled)]
    distance = ((following - np.arange(BINS)) % BINS).astype(np.uint32)
    full: np.ndarray = values[following] + distance * np.uint32(2654435761)
    return full
