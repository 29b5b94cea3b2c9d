"""Which language a text is in, and which way it runs."""

from functools import lru_cache
from typing import Any

# Enough for a sure answer, and no more: the time goes with the length.
_SAMPLE = 240
_SURE = 0.3
_FEWEST_LETTERS = 20
# ISO 639-1 and -3 codes of languages in scripts that run from right to left.
_RIGHT_TO_LEFT = frozenset(
    {"ar", "arc", "azb", "ckb", "dv", "fa", "glk", "he", "iw", "ks", "lrc", "mzn", "nqo", "pnb", "ps", "sd", "syr"}
    | {"ug", "ur", "yi"}
)
# What the model tells apart and readers of news do not.
_KINDS = {"wuu": "zh", "yue": "zh", "nan": "zh", "arz": "ar", "nb": "no", "nn": "no"}


def detect(text: str) -> str:
    """The ISO 639 code of the text's language; empty where the text is too short or the answer not sure.

    By the model that py3langid ships (Lui and Baldwin, 2012, "langid.py").
    """
    sample = text.strip()[:_SAMPLE]
    if sum(map(str.isalpha, sample)) < _FEWEST_LETTERS:
        return ""
    code, probability = _identifier().classify(sample)
    return _KINDS.get(code, code) if probability >= _SURE else ""


def direction(language: str) -> str:
    """`rtl` for languages that are written from right to left, else `ltr`."""
    return "rtl" if language.replace("_", "-").split("-")[0].lower() in _RIGHT_TO_LEFT else "ltr"


@lru_cache(maxsize=1)
def _identifier() -> Any:
    from py3langid import langid

    return langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE, norm_probs=True)
