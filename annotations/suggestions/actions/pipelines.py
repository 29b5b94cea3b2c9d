"""Give a suggester its row, by which every suggestion names it."""

from annotations.suggesters.protocol import Suggester
from annotations.suggestions.models import Pipeline

# Suggestions that came with an import name this pipeline: what made them is not known here.
IMPORT_DIGEST = "import"
LONGEST = 200


def ensure_pipeline(*, suggester: Suggester) -> Pipeline:
    """The row of exactly this suggester, made at first sight."""
    defaults = {"name": _shortened(suggester.name), "version": _shortened(suggester.version)}
    pipeline, _ = Pipeline.objects.get_or_create(digest=suggester.digest, defaults=defaults)
    return pipeline


def ensure_import_pipeline() -> Pipeline:
    """The row that imported suggestions name."""
    pipeline, _ = Pipeline.objects.get_or_create(digest=IMPORT_DIGEST, defaults={"name": "import", "version": "1"})
    return pipeline


def _shortened(text: str) -> str:
    """A service may have a long address and a long name; the digest tells one from another."""
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
