"""Detect the language of a text; the writing direction of a language."""

import math
import mmap
import os
import pickle
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy

from corpusapp.intake import child

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
    """Load the model now, so that processes forked from this one, and their child processes, share it."""
    _identifier()


# The environment variable of a child process with the descriptor of its parent's model.
_INHERITED = "CORPUSAPP_LANGUAGE_MODEL"
_PLACE_BYTES = 8


@lru_cache(maxsize=1)
def _identifier() -> Any:
    from py3langid import langid

    inherited = os.environ.get(_INHERITED)
    descriptor = int(inherited) if inherited else _unpacked(langid.MODEL_DIR / langid.MODEL_FILE)
    model = memoryview(mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ))
    end = int.from_bytes(model[-_PLACE_BYTES:])
    dtype, shape, typecode, priors, classes, rows, output = pickle.loads(model[end:-_PLACE_BYTES])
    features = numpy.frombuffer(model, dtype, math.prod(shape)).reshape(shape)
    moves = model[features.nbytes : end].cast(typecode)
    return langid.LanguageIdentifier(features, priors, classes, moves, output, norm_probs=True, tk_row=rows)


def _unpacked(path: Path) -> int:
    """The descriptor of a file without a name that stays open: two large arrays, the rest of the model, and its place.

    Of the arrays, only what is read takes memory, once for all processes. Child processes inherit the file, since
    unpacking the model would take most of their start.
    """
    from py3langid import modelio

    features, priors, classes, moves, rows, output = modelio.load_model(path)
    arrays = features.tobytes() + moves.tobytes()
    rest = pickle.dumps((features.dtype, features.shape, moves.typecode, priors, classes, rows, output))
    with tempfile.TemporaryFile() as file:
        file.write(arrays + rest + len(arrays).to_bytes(_PLACE_BYTES))
        file.flush()
        descriptor = os.dup(file.fileno())
    child.share(_INHERITED, descriptor)
    return descriptor
