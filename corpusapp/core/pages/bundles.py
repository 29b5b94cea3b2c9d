"""Bundles of scripts and styles: a page with two files loads faster than one with thirty.

There is no build step: the files are joined at the first request, without comment lines. Each JavaScript module becomes
a function that is called once and returns its exports. Imports and exports have to be in the one-line forms that
`static/js` uses: `import { a, b } from "./c.js"`, `import * as c from "./c.js"`, `import "./c.js"`, and `export` before
a declaration.
"""

import gzip
import hashlib
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from corpusapp.core.errors import NotFound

BUNDLES = {
    "workbench.js": ("js/fields.js", "js/enhance.js", "js/workbench.js"),
    "workbench.css": (
        "css/base.css",
        "css/pages.css",
        "css/article.css",
        "css/desk-pages.css",
        "css/set-aside.css",
        "css/print.css",
    ),
}
_PRINT = "css/print.css"
_TYPES = {".js": "text/javascript", ".css": "text/css"}
_IMPORT = re.compile(r'^import (?:\{ ([^}]+) \} from |\* as (\w+) from )?"\./([\w-]+)\.js";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const|let) (\w+))", re.MULTILINE)
_COMMENT = re.compile(r"^ *//[^\n]*\n|^/\*.*?\*/\n", re.MULTILINE | re.DOTALL)
_UNSUPPORTED = re.compile(r"^(?:import|export)\b.*|\bimport(?:\(|\.meta).*", re.MULTILINE)


@dataclass(frozen=True)
class Bundle:
    """A joined file, plain and compressed; `digest` is a hash of its content."""

    content_type: str
    digest: str
    plain: bytes
    compressed: bytes


@cache
def bundle(name: str) -> Bundle:
    """The bundle of this name. Raises KeyError if there is none."""
    paths = BUNDLES[name]
    kind = Path(name).suffix
    joined = _scripts(paths) if kind == ".js" else "".join(_style(path) for path in paths)
    plain = joined.encode()
    digest = hashlib.sha256(plain).hexdigest()[:12]
    return Bundle(f"{_TYPES[kind]}; charset=utf-8", digest, plain, gzip.compress(plain, 9, mtime=0))


def _style(path: str) -> str:
    text = _COMMENT.sub("", _read(path))
    return f"@media print {{\n{text}}}\n" if path == _PRINT else text


def _scripts(paths: tuple[str, ...]) -> str:
    """The modules and all that they import, each once and after its imports."""
    modules: dict[str, str] = {}
    for path in paths:
        _add(Path(path).stem, modules, ())
    return "".join(modules.values())


def _add(name: str, modules: dict[str, str], importers: tuple[str, ...]) -> None:
    """Add a module to `modules`, after its imports. `importers` is the chain of imports that leads to it."""
    if name in modules:
        return
    if name in importers:
        raise ValueError(f"{' imports '.join((*importers, name))}: such modules cannot be joined")
    text = _COMMENT.sub("", _read(f"js/{name}.js"))
    for found in _IMPORT.finditer(text):
        _add(found[3], modules, (*importers, name))
    modules[name] = _module(name, text)


def _module(name: str, text: str) -> str:
    exported = ", ".join(found[1] for found in _EXPORT.finditer(text))
    body = _EXPORT.sub("", _IMPORT.sub(_assignment, text))
    if unsupported := _UNSUPPORTED.search(body):
        raise ValueError(
            f"{name}.js: “{unsupported[0]}” is not in a form that can be joined; see corpusapp/core/pages/bundles.py"
        )
    return f"const {_variable(name)} = (() => {{\n{body}return {{ {exported} }};\n}})();\n"


def _assignment(found: re.Match[str]) -> str:
    """The declaration of constants that replaces an import."""
    names, namespace, module = found.groups()
    if names:
        return f"const {{ {names.replace(' as ', ': ')} }} = {_variable(module)};\n"
    return f"const {namespace} = {_variable(module)};\n" if namespace else ""


def _variable(name: str) -> str:
    return "$" + name.replace("-", "_")


def _read(path: str) -> str:
    return (settings.BASE_DIR / "static" / path).read_text(encoding="utf-8")


def address(name: str) -> str:
    """The URL of the bundle. It changes with the content, so that browsers can cache it forever."""
    return reverse("bundle", args=[bundle(name).digest, name])


@require_safe
def send(request: HttpRequest, digest: str, name: str) -> HttpResponse:
    if name not in BUNDLES or bundle(name).digest != digest:
        raise NotFound(f"there is no version {digest} of {name}: reload the page")
    found = bundle(name)
    compressed = "gzip" in request.headers.get("Accept-Encoding", "")
    response = HttpResponse(found.compressed if compressed else found.plain, content_type=found.content_type)
    if compressed:
        response["Content-Encoding"] = "gzip"
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    patch_vary_headers(response, ["Accept-Encoding"])
    return response
