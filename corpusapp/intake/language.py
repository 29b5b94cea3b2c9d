"""Detect the language of a text; the writing direction of a language."""

import mmap
import tempfile
from functools import lru_cache
from typing import Any

import numpy

# Code points that are classified: enough for a certain answer; time grows with length.
_SAMPLE = 240
_SURE = 0.3
_FEWEST_LETTERS = 20
# ISO 639-1 and -3 codes of languages written from right to left.
_RIGHT_TO_LEFT = frozenset(
    {"ar", "arc", "azb", "ckb", "dv", "fa", "glk", "he", "iw", "ks", "lrc", "mzn", "nqo", "pnb", "ps", "sd", "syr"}
    | {"ug", "ur", "yi"}
)
# Varieties that the model separates, and the code to store.
_STORED_AS = {"wuu": "zh", "yue": "zh", "nan": "zh", "arz": "ar", "nb": "no", "nn": "no"}


def detect(text: str) -> str:
    """The ISO 639 code of the text's language; empty if the text is too short or the result uncertain.

    Uses the model of py3langid (Lui and Baldwin, 2012, "langid.py").
    """
    sample = text.strip()[:_SAMPLE]
    if sum(map(str.isalpha, sample)) < _FEWEST_LETTERS:
        return ""
    code, probability = _identifier().classify(sample)
    return _STORED_AS.get(code, code) if probability >= _SURE else ""


def direction(language: str) -> str:
    """`rtl` for languages written from right to left, else `ltr`."""
    return "rtl" if language.replace("_", "-").split("-")[0].lower() in _RIGHT_TO_LEFT else "ltr"


def load_model() -> None:
    """Load the model now, so that processes forked from this one share it."""
    _identifier()


@lru_cache(maxsize=1)
def _identifier() -> Any:
    from py3langid import langid, modelio

    path = langid.MODEL_DIR / langid.MODEL_FILE
    features, priors, classes, moves, rows, output = modelio.load_model(path)
    kept = numpy.frombuffer(_in_file(features), features.dtype).reshape(features.shape)
    moves = _in_file(moves).cast(moves.typecode)
    return langid.LanguageIdentifier(kept, priors, classes, moves, output, norm_probs=True, tk_row=rows)


def _in_file(values: Any) -> memoryview:
    """A large array as a mapped file without a name: only what is read of it takes memory."""
    with tempfile.TemporaryFile() as file:
        file.write(values)
        file.flush()
        return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
