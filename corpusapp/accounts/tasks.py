"""Background jobs of notices."""

import smtplib

from corpusapp.accounts.actions import notices
from corpusapp.core import jobs, upkeep

_RETRY = jobs.retry_later(smtplib.SMTPException, OSError, *jobs.TRY_AGAIN)


@jobs.task(notices.SEND_NOTICE, queue=jobs.MAIL, retry=_RETRY)
def send_notice(notice_id: int) -> None:
    """Send a notice by e-mail."""
    notices.send_notice(notice_id=notice_id)


upkeep.daily("notices", notices.prune_notices)
