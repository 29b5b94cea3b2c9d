"""The weights of models in the home: `models/<digest>/` with the pipeline's folder and its package."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from corpusapp.core.content_store import ContentStore

_PIPELINE = "pipeline"
_store = ContentStore("models")
discard, sweep = _store.discard, _store.sweep


def pipeline_folder(digest: str) -> Path | None:
    """The folder for `spacy.load`; None if it is not in this home."""
    folder = _store.root / digest / _PIPELINE
    return folder if digest and folder.is_dir() else None


def package_file(digest: str) -> Path | None:
    """The wheel of the pipeline; None if it is not in this home."""
    found = sorted((_store.root / digest).glob("*.whl")) if digest else []
    return found[0] if found else None


@contextmanager
def making() -> Iterator[Path]:
    """A temporary folder with an empty `pipeline` folder to write to; deleted at the end unless `keep` moved it."""
    with _store.making() as folder:
        (folder / _PIPELINE).mkdir()
        yield folder


def keep(folder: Path, digest: str) -> None:
    """Move a folder from `making` to its place; an existing one has the same weights and stays. Raises `OSError`."""
    with suppress(OSError):
        _store.keep(folder, digest)
    if pipeline_folder(digest) is None:
        raise OSError(f"the weights cannot be put into {_store.root / digest}: see whether that folder can be written")
