"""What stands before the desk opens: the tables, the first person, the sample corpus."""

import secrets
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command, get_commands

from corpusapp.backup.actions.upgrade import upgrade
from corpusapp.core.command_errors import command_errors

ADMIN = "admin"


def prepare_database(say: Callable[[str], None]) -> None:
    """Connect, which starts an embedded server, and bring the tables up to date."""
    with command_errors("try again"):
        upgrade(say=say)


def make_first_admin() -> str | None:
    """The password of the admin made here, of which only the hash is kept; None where a superuser exists."""
    users = get_user_model().objects
    if users.filter(is_superuser=True).exists():
        return None
    _sample_wanted().touch()
    password = secrets.token_urlsafe(12)
    users.create_superuser(ADMIN, password=password)
    return password


def load_sample_once() -> None:
    """Load the sample corpus on the first run, or on the next one where that was broken off."""
    wanted = _sample_wanted()
    if wanted.exists():
        if "load_sample" in get_commands():
            call_command("load_sample", manager=ADMIN)
        wanted.unlink()


def _sample_wanted() -> Path:
    return settings.HOME.folder() / "sample_wanted"
