"""Invite people to a corpus by links, revoke the links, and accept them.

A link's token is treated as a password: only its SHA-256 is stored, and wrong ones count as wrong passwords of the
address that sends them.
"""

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from corpusapp.accounts.actions import signing_in
from corpusapp.accounts.actions.notices import notify
from corpusapp.accounts.actions.tokens import SECRET_BYTES, digest_of
from corpusapp.accounts.actions.users import create_invited_user
from corpusapp.accounts.models import Notice
from corpusapp.articles.models import Corpus, Invitation, Membership, Role
from corpusapp.articles.permissions import require
from corpusapp.core.errors import Conflict, Gone, Invalid, NotFound, Refusal, TooOften
from corpusapp.text.wellformed import fault

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

State = Invitation.State
DEFAULT_DAYS, LONGEST_DAYS = 7, 30
LONGEST_NOTE = 200


@transaction.atomic
def invite(
    *, user: "User", corpus: Corpus, role: str, days: int = DEFAULT_DAYS, note: str = ""
) -> tuple[Invitation, str]:
    """Create an invitation; returns it and its token. `note` says whom it is for."""
    require(user, corpus, Role.MANAGER)
    if role not in Role.values:
        raise Invalid(f"the role must be one of {', '.join(Role.values)}", field="role")
    if not 1 <= days <= LONGEST_DAYS:
        raise Invalid(f"an invitation expires after 1 to {LONGEST_DAYS} days", field="days")
    if len(note) > LONGEST_NOTE:
        raise Invalid(f"the note has {len(note)} characters: the limit is {LONGEST_NOTE}", field="note")
    if reason := fault(note):
        raise Invalid(f"the note {reason}", field="note")
    token = secrets.token_urlsafe(SECRET_BYTES)
    expires_at = timezone.now() + timedelta(days=days)
    created = Invitation.objects.create(
        corpus=corpus, role=role, note=note, digest=digest_of(token), created_by=user, expires_at=expires_at
    )
    return Invitation.objects.with_sender().get(pk=created.pk), token


@transaction.atomic
def revoke_invitation(*, user: "User", invitation: Invitation) -> Invitation:
    """Revoke an invitation, so that nobody can use its link. Raises `Conflict` if it was used or revoked."""
    require(user, invitation.corpus, Role.MANAGER)
    found = _locked(invitation)
    if found.state == State.USED:
        raise Conflict(f"{found.used_by} has used this invitation: remove the member instead")
    if found.state == State.REVOKED:
        raise Conflict("this invitation is already revoked")
    found.revoked_at = timezone.now()
    found.save(update_fields=["revoked_at"])
    return found


def find_invitation(*, token: str, address: str) -> Invitation:
    """The invitation with this token, open or not. `address` is the client's, whose wrong tokens are counted."""
    attempt = _attempt(token, address)
    if wait := signing_in.seconds_to_wait(**attempt):
        raise TooOften(f"too many attempts: wait {-(-wait // 60)} minutes, then open the link again", seconds=wait)
    found = Invitation.objects.with_sender().filter(digest=digest_of(token)).first()
    if found is None:
        signing_in.note_wrong_password(**attempt)
        raise NotFound("there is no such invitation: check that you copied the whole link, or ask for a new one")
    return found


def require_open(invitation: Invitation) -> None:
    """Refuse an invitation that nobody can use any more, saying why and what to do."""
    sender, ask = invitation.created_by, "ask a manager of the corpus for a new link"
    reasons = {
        State.USED: f"this invitation was used already: if it was by you, sign in; otherwise {ask}",
        State.EXPIRED: f"this invitation expired on {invitation.expires_at:%-d %B %Y}: ask {sender} for a new link",
        State.REVOKED: f"this invitation was revoked: ask {sender} whether you should get another one",
        State.VOID: f"this invitation is not valid any more, because its sender left: {ask}",
    }
    if (reason := reasons.get(invitation.state)) is not None:
        raise Gone(reason)
    if invitation.corpus.withdrawn_at is not None:
        raise Gone(f"the corpus of this invitation is withdrawn: ask {sender} whether it comes back")


@transaction.atomic
def accept_invitation(*, user: "User", invitation: Invitation) -> Membership:
    """Make the user a member by an open invitation, which is then used.

    Raises `Conflict`, and leaves the invitation open, if the user already has its role or a higher one.
    """
    found = _locked(invitation)
    require_open(found)
    role, corpus = Role(found.role), found.corpus
    if (present := role_in(user, corpus)) is not None and present.includes(role):
        raise Conflict(f"you are already {present} of {corpus.name}: this invitation stays open for somebody else")
    membership, _ = Membership.objects.update_or_create(user=user, corpus=corpus, defaults={"role": role})
    found.used_by, found.used_at = user, timezone.now()
    found.save(update_fields=["used_by", "used_at"])
    notify(
        users=[found.created_by],
        kind=Notice.Kind.INVITATION_ACCEPTED,
        corpus=corpus,
        actor=user,
        address=reverse("corpus-members", args=[corpus.slug]),
        role=role.value,
    )
    return membership


def accept_with_new_account(
    *, invitation: Invitation, token: str, address: str, username: str, password: str, email: str = ""
) -> Membership:
    """Create an account, and make it a member by an open invitation: both, or neither.

    Refused usernames and passwords are counted: they tell which usernames exist.
    """
    attempt = _attempt(token, address)
    if wait := signing_in.seconds_to_wait(**attempt):
        raise TooOften(f"too many attempts: wait {-(-wait // 60)} minutes, then try again", seconds=wait)
    try:
        with transaction.atomic():
            require_open(_locked(invitation))
            account = create_invited_user(username=username, password=password, email=email)
            return accept_invitation(user=account, invitation=invitation)
    except Refusal:
        signing_in.note_wrong_password(**attempt)
        raise


def role_in(user: "User", corpus: Corpus) -> Role | None:
    """The role of the user's membership; None for superusers too, who have all roles without one."""
    role = Membership.objects.filter(user=user, corpus=corpus).values_list("role", flat=True).first()
    return Role(role) if role else None


def _locked(invitation: Invitation) -> Invitation:
    return Invitation.objects.with_sender().select_for_update(of=("self",)).get(pk=invitation.pk)


def _attempt(token: str, address: str) -> dict[str, str]:
    return {"username": f"invitation {token}", "address": address}
