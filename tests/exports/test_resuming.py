"""Downloads from a server in a process of its own, by curl: broken off and resumed, checked, and compressed."""

import base64
import gzip
import hashlib
import random
import shutil
import subprocess
import urllib.request

import pytest

from corpusapp.accounts.actions.tokens import create_token
from tests import factories
from tests.exports import cast
from tests.processes import serving
from tests.releases import cast as releases

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed"),
]


def curl(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["curl", "--silent", "--show-error", "--fail", "--max-time", "60", *arguments], capture_output=True, text=True
    )


@pytest.mark.django_db(transaction=True)
def test_downloads_by_curl(tmp_path):
    corpus = cast.make_desk()
    noise = "".join(random.Random(17).choices("abcdefghijklmnopqrstuvwxyz ", k=2_000_000))
    factories.make_article(corpus, noise, external_id="noise")
    cast.finish_all(corpus)
    release, export = releases.make(corpus), cast.made(corpus, "jsonl")
    token = f"Authorization: Bearer {create_token(user=factories.make_superuser())[1]}"
    with serving() as address:
        desk = f"{address}/api/v1/corpora/desk/"
        for file, row in ((f"{desk}releases/1/file/", release), (f"{desk}exports/{export.pk}/file/", export)):
            _resume(file, row, token, tmp_path / f"{row.pk}-{row.sha256}")
        _compressed(f"{desk}exports/{export.pk}/file/", export.sha256, token, tmp_path)
        _compressed(f"{desk}export/?format=jsonl", "", token, tmp_path)


def _resume(address: str, row, token: str, path) -> None:
    request = urllib.request.Request(address, headers=dict([token.split(": ")]))
    with urllib.request.urlopen(request) as response:
        path.write_bytes(response.read(row.size // 3))
        digest = response.headers["Repr-Digest"].removeprefix("sha-256=").strip(":")
    seen = path.with_suffix(".headers")
    resumed = curl(
        "-H", token, "-C", "-", "-o", str(path), "-D", str(seen), "-w", "%{http_code} %{size_download}", address
    )
    assert resumed.stdout == f"206 {row.size - row.size // 3}", resumed
    assert f"bytes {row.size // 3}-{row.size - 1}/{row.size}" in seen.read_text()
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    assert found == row.sha256 == base64.b64decode(digest).hex()
    # A download that is whole stays as it is.
    again = curl("-H", token, "-C", "-", "-o", str(path), "-w", "%{http_code} %{size_download}", address)
    assert again.stdout.startswith("416") and hashlib.sha256(path.read_bytes()).hexdigest() == row.sha256
    tail = curl("-H", token, "-r", "-100", "-o", str(path.with_suffix(".tail")), address)
    assert tail.returncode == 0 and path.with_suffix(".tail").read_bytes() == path.read_bytes()[-100:]
    head = curl("-H", token, "--head", address).stdout.lower()
    assert f"content-length: {row.size}" in head and "accept-ranges: bytes" in head


def _compressed(address: str, sha256: str, token: str, folder) -> None:
    path, raw = folder / "plain", folder / "raw"
    assert curl("-H", token, "--compressed", "-o", str(path), address).returncode == 0
    assert curl("-H", token, "-H", "Accept-Encoding: gzip", "-o", str(raw), address).returncode == 0
    assert gzip.decompress(raw.read_bytes()) == path.read_bytes() and raw.stat().st_size < path.stat().st_size
    assert not sha256 or hashlib.sha256(path.read_bytes()).hexdigest() == sha256
