"""The data folder is created at first use, closed to other users, and never a folder with other files."""

import os
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from corpusapp.core.home import Home


def _mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def _secret(path: Path) -> str:
    return Home(path).secret("key")


def test_folders_are_0700_and_secrets_0600(tmp_path):
    home = Home(tmp_path / "home")
    home.secret("key")
    home.folder("logs")
    assert [_mode(path) for path in (home.path, home.path / "logs", home.path / "secrets")] == [0o700] * 3
    assert _mode(home.path / "secrets/key") == 0o600


def test_the_mode_of_a_home_is_restored(tmp_path):
    home = Home(tmp_path / "home")
    home.folder()
    home.path.chmod(0o755)
    home.folder("logs")
    assert _mode(home.path) == 0o700


def test_a_secret_is_generated_once(tmp_path):
    first = _secret(tmp_path / "home")
    assert len(first) == 51
    assert _secret(tmp_path / "home") == first


def test_parallel_processes_get_the_same_secret(tmp_path):
    with ProcessPoolExecutor(4) as pool:
        assert len(set(pool.map(_secret, [tmp_path / "home"] * 16))) == 1
    assert [path.name for path in (tmp_path / "home/secrets").iterdir()] == ["key"]


def test_a_folder_with_other_files_is_refused_and_unchanged(tmp_path):
    (tmp_path / "thesis.txt").touch()
    tmp_path.chmod(0o755)
    with pytest.raises(ImproperlyConfigured, match="contains other files"):
        Home(tmp_path).folder("logs")
    assert _mode(tmp_path) == 0o755
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_an_empty_folder_becomes_a_home(tmp_path):
    assert Home(tmp_path).folder("logs").is_dir()


def test_a_path_through_a_file_is_refused(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ImproperlyConfigured, match=f"cannot use the data folder {tmp_path}/file/home .Not a directory"):
        Home(tmp_path / "file/home").folder()


@pytest.mark.processes
def test_make_run_reports_an_unusable_folder_in_one_line(tmp_path):
    (tmp_path / "file").touch()
    started = subprocess.run(
        [sys.executable, "-m", "corpusapp.desk", "--port", "0"],
        cwd=settings.BASE_DIR,
        env=os.environ | {"CORPUSAPP_HOME": str(tmp_path / "file/home")},
        capture_output=True,
        text=True,
    )
    assert started.returncode == 1
    assert len(started.stderr.splitlines()) == 1
    assert "CORPUSAPP_HOME" in started.stderr
