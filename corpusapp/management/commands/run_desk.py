"""Run the whole desk on this machine."""

import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connections

from corpusapp import env
from corpusapp.desk import preparation
from corpusapp.desk.address import Address
from corpusapp.desk.supervisor import Supervisor, stop_as_by_ctrl_c
from corpusapp.embedded import server


class Command(BaseCommand):
    help = "Start the database, the web server and the workers; Ctrl-C stops them. Listens on HOST."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *args: Any, **options: Any) -> None:
        address = Address(env.text("HOST", "127.0.0.1"), options["port"])
        stop_as_by_ctrl_c()
        try:
            self._run(address)
        except KeyboardInterrupt:
            connections.close_all()
            server.leave_all()
            self.stdout.write("corpusapp has stopped.")

    def _run(self, address: Address) -> None:
        address.require_free()
        logs = settings.HOME.folder("logs")
        self._say("Starting the database …")
        preparation.prepare_database(self._say)
        password = preparation.make_first_admin()
        try:
            preparation.load_sample_once()
            connections.close_all()
            with Supervisor(address, settings.BASE_DIR, logs, self._say) as desk:
                desk.wait_until_open()
                self._say(f"corpusapp is running at {address.url}")
                self._tell_of_admin(password)
                password = None
                self._say(f"Its data is in {settings.HOME.path}. Ctrl-C stops it.")
                desk.keep_open()
        finally:
            if password:
                self._tell_of_admin(password)

    def _tell_of_admin(self, password: str | None) -> None:
        if password:
            self._say(f"Sign in as {preparation.ADMIN} with the password {password} (shown only once).")
            return
        home = f"CORPUSAPP_HOME={settings.HOME.path} " if "CORPUSAPP_HOME" in os.environ else ""
        python = os.path.relpath(sys.executable)
        self._say(
            f"Sign in as {preparation.ADMIN}. To set a new password: {home}{python} manage.py changepassword "
            f"{preparation.ADMIN}"
        )

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
