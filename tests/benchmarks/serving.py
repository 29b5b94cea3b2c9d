"""The desk in a process of its own and a Chromium before it, for measurements and pictures in the browser."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.error import HTTPError

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_SECONDS = 60


@contextmanager
def desk() -> Iterator[str]:
    """The address of the desk as it is run, on the database of the environment."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "--config", "python:corpusapp.desk.web", "--log-level", "warning"]
    command += ["--bind", f"127.0.0.1:{port}", "corpusapp.wsgi:application"]
    process = subprocess.Popen(command, cwd=Path(__file__).parents[2])
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(address, process)
        yield address
    finally:
        process.terminate()
        process.wait(20)


def _wait_for(address: str, process: subprocess.Popen) -> None:
    until = time.monotonic() + _SECONDS
    while time.monotonic() < until and process.poll() is None:
        with suppress(OSError):
            with suppress(HTTPError):
                urllib.request.urlopen(f"{address}/sign-in/", timeout=5)
            return
        time.sleep(0.1)
    raise SystemExit(f"the desk does not answer at {address}")


@contextmanager
def chromium() -> Iterator[object]:
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        raise SystemExit(f"no Chromium was found: install one of {', '.join(NAMES)}, or name it in CHROMIUM")
    from playwright.sync_api import sync_playwright

    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


def session_of(user: object) -> dict[str, str]:
    """The cookie that signs `user` in."""
    from django.conf import settings
    from django.test import Client

    client = Client()
    client.force_login(user)
    return {"name": settings.SESSION_COOKIE_NAME, "value": client.cookies[settings.SESSION_COOKIE_NAME].value}
