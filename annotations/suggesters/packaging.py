"""Packages the folder of a pipeline as a wheel, which pip installs and `spacy.load` opens by name.

The format is described at packaging.python.org, "Binary distribution format". No build is needed.
"""

import base64
import hashlib
import json
import re
import zipfile
from pathlib import Path
from typing import Any

_INIT = '''"""A spaCy pipeline."""

from pathlib import Path

from spacy.util import get_model_meta, load_model_from_init_py

__version__ = get_model_meta(Path(__file__).parent)["version"]


def load(**overrides):
    return load_model_from_init_py(__file__, **overrides)
'''
_WHEEL = b"Wheel-Version: 1.0\nGenerator: corpusapp\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
_EPOCH = (1980, 1, 1, 0, 0, 0)


def write_wheel(pipeline: Path, folder: Path) -> Path:
    """Write the wheel of the pipeline in the folder `pipeline` to `folder`, and return its path. Reproducible."""
    meta = json.loads((pipeline / "meta.json").read_text())
    name, version = re.sub(r"\W+", "_", f"{meta['lang']}_{meta['name']}"), str(meta["version"])
    about = f"{name}-{version}.dist-info"
    wheel = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        record = [
            _add(archive, f"{name}/__init__.py", _INIT.encode()),
            _add(archive, f"{name}/meta.json", (pipeline / "meta.json").read_bytes()),
        ]
        for path in sorted(path for path in pipeline.rglob("*") if path.is_file()):
            inner = path.relative_to(pipeline).as_posix()
            record.append(_add(archive, f"{name}/{name}-{version}/{inner}", path.read_bytes()))
        record += [
            _add(archive, f"{about}/METADATA", _metadata(name, version, meta).encode()),
            _add(archive, f"{about}/WHEEL", _WHEEL),
            _add(archive, f"{about}/entry_points.txt", f"[spacy_models]\n{name} = {name}\n".encode()),
        ]
        _add(archive, f"{about}/RECORD", "".join([*record, f"{about}/RECORD,,\n"]).encode())
    return wheel


def files_digest(folder: Path) -> str:
    """SHA-256 of the names and contents of all files in a folder."""
    state = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        state.update(f"{path.relative_to(folder).as_posix()}\n".encode())
        state.update(hashlib.sha256(path.read_bytes()).digest())
    return state.hexdigest()


def _metadata(name: str, version: str, meta: dict[str, Any]) -> str:
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
    lines += [f"Summary: {' '.join(str(meta['description']).split())}"] if meta.get("description") else []
    lines += [f"License: {meta['license']}"] if meta.get("license") else []
    required = [
        f"spacy{meta['spacy_version']}" if meta.get("spacy_version") else "spacy",
        *meta.get("requirements", ()),
    ]
    return "\n".join([*lines, *(f"Requires-Dist: {requirement}" for requirement in required)]) + "\n"


def _add(archive: zipfile.ZipFile, name: str, data: bytes) -> str:
    """Add a file, and return its line in RECORD."""
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.external_attr = 0o644 << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(entry, data)
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    return f"{name},sha256={digest},{len(data)}\n"
