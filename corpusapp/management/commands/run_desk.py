"""Run everything on one machine: the database, the web server and the workers."""

import os
import secrets
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand
from django.db import connection

from corpusapp import env
from corpusapp.backup.actions.upgrade import upgrade
from corpusapp.core.command_errors import command_errors
from corpusapp.desk import forks
from corpusapp.desk.address import Address
from corpusapp.desk.supervisor import Supervisor, import_application
from corpusapp.embedded import server

ADMIN = "admin"


class Command(BaseCommand):
    help = "Start the database, the web server and the workers; Ctrl-C stops them. Listens on HOST."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *args: Any, **options: Any) -> None:
        address = Address(env.text("HOST", "127.0.0.1"), options["port"])
        forks.raise_keyboard_interrupt_on_signals()
        try:
            self._run(address)
        except KeyboardInterrupt:
            server.leave_all()
            self.stdout.write("corpusapp has stopped.")

    def _run(self, address: Address) -> None:
        address.require_free()
        logs = settings.HOME.folder("logs")
        self._say("Starting the database …")
        # Starts an embedded server, and keeps it until all processes have ended.
        connection.get_connection_params()
        password = forks.call(self._prepare)
        try:
            import_application()
            with Supervisor(address, logs, self._say) as desk:
                desk.wait_until_open()
                self._say(f"corpusapp is at {address.url}")
                self._say_how_to_sign_in(password)
                password = None
                self._say(f"Its data is in {settings.HOME.path}. Ctrl-C stops it.")
                desk.keep_open()
        finally:
            if password:
                self._say_how_to_sign_in(password)

    def _prepare(self) -> str | None:
        """Update the database; on the first run, create the admin and the sample. Returns the admin's new password."""
        with command_errors("try again"):
            upgrade(say=self._say)
        password = _create_first_admin()
        try:
            _load_sample_once()
        except BaseException:
            if password:
                self._say_how_to_sign_in(password)
            raise
        return password

    def _say_how_to_sign_in(self, password: str | None) -> None:
        if password:
            self._say(f"Sign in as {ADMIN} with the password {password} (shown only once).")
            return
        home = f"CORPUSAPP_HOME={settings.HOME.path} " if "CORPUSAPP_HOME" in os.environ else ""
        python = os.path.relpath(sys.executable)
        self._say(f"Sign in as {ADMIN}. To set a new password: {home}{python} manage.py changepassword {ADMIN}")

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def _create_first_admin() -> str | None:
    """Create the first superuser; returns the password, of which only the hash is stored, or None if one exists."""
    users = get_user_model().objects
    if users.filter(is_superuser=True).exists():
        return None
    _sample_wanted().touch()
    password = secrets.token_urlsafe(12)
    users.create_superuser(ADMIN, password=password)
    return password


def _load_sample_once() -> None:
    """Load the sample corpus on the first run, or on the next one if that was interrupted."""
    wanted = _sample_wanted()
    if wanted.exists():
        if "load_sample" in get_commands():
            call_command("load_sample", manager=ADMIN)
        wanted.unlink()


def _sample_wanted() -> Path:
    return settings.HOME.folder() / "sample_wanted"
