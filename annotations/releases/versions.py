"""What a format's bytes depend on beside the release: the versions of this desk's formats and of the libraries."""

import hashlib
import platform
import zlib
from collections.abc import Mapping
from functools import cache
from importlib import metadata
from pathlib import Path

import corpusapp
from annotations import formats

# Library -> the formats whose bytes it may change; all of them are made by the desk's own code and Python.
_USED_BY = {
    "spacy": {"jsonl-tokens", "docbin", "conll"},
    "numpy": {"docbin"},
    "pyarrow": {"parquet"},
    "zlib": {"docbin", "brat", "cas-xmi", "parquet"},
}


@cache
def versions() -> dict[str, str]:
    """By name. `formats` is a digest over the code that writes formats, exact between released versions too."""
    return {
        "corpusapp": corpusapp.__version__,
        "formats": _of_code(Path(formats.__file__).parent),
        "python": platform.python_version(),
        "zlib": zlib.ZLIB_RUNTIME_VERSION,
        **{name: _installed(name) for name in ("spacy", "numpy", "pyarrow")},
    }


def differences(known: Mapping[str, str], form: str = "") -> list[str]:
    """Where this desk's versions are no longer those of a manifest, as sentences; of those that a format needs."""
    now = versions()
    return [
        f"{name} was {known.get(name, 'unknown')} and is {now[name]}"
        for name in now
        if known.get(name) != now[name] and (not form or form in _USED_BY.get(name, {form}))
    ]


def _installed(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "absent"


def _of_code(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.py")):
        digest.update(f"{path.name}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]
