"""Detect the language of a text; the writing direction of a language."""

from functools import lru_cache
from typing import Any

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


@lru_cache(maxsize=1)
def _identifier() -> Any:
    from py3langid import langid

    return langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE, norm_probs=True)
