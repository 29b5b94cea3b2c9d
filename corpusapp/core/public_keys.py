"""Public keys of age and SSH, which backups are encrypted for."""

from contextlib import suppress
from typing import Any

import pyrage

from corpusapp.core.errors import Invalid


def checked_recipient(key: str) -> Any:
    """The parsed public key. Raises `Invalid` for any other text."""
    for kind in (pyrage.x25519.Recipient, pyrage.ssh.Recipient):
        with suppress(Exception):
            return kind.from_str(key.strip())
    raise Invalid(f"{key[:80]!r} is not a public key: enter an age key (age1…) or an SSH key (ssh-ed25519 …)")
