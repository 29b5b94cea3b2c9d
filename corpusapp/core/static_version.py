"""A hash of all static files, for their URL prefix, so that browsers can cache them forever."""

import hashlib
from importlib import metadata
from pathlib import Path

_PACKAGES_WITH_STATIC_FILES = ("Django", "djangorestframework", "drf-spectacular-sidecar")


def digest(base: Path) -> str:
    """12 hexadecimal digits of a hash of the project's static files and the versions of packages with static files."""
    state = hashlib.sha256()
    for package in _PACKAGES_WITH_STATIC_FILES:
        state.update(f"{package} {metadata.version(package)}\0".encode())
    for path in sorted((base / "static").rglob("*")):
        if path.is_file():
            state.update(path.relative_to(base).as_posix().encode() + b"\0" + path.read_bytes())
    return state.hexdigest()[:12]
