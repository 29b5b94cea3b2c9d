"""Change and validate passwords."""

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from corpusapp.accounts.actions import signing_in
from corpusapp.accounts.models import User
from corpusapp.accounts.permissions import require_whole
from corpusapp.core.errors import Invalid, TooOften


def change_password(*, user: User, current: str, new: str, address: str) -> User:
    """Change a user's password. `current` has to be the current one; `address` is the client's.

    Refuses a wrong password (`Invalid`), and too many of them (`TooOften`). Not atomic: a wrong password stays counted,
    together with those of the sign-in page.
    """
    require_whole(user)
    who = {"username": user.username, "address": address}
    if wait := signing_in.seconds_to_wait(**who):
        raise TooOften(f"too many wrong passwords: wait {-(-wait // 60)} minutes, then try again", seconds=wait)
    if not user.check_password(current):
        signing_in.note_wrong_password(**who)
        raise Invalid("this is not your current password: it is case-sensitive", field="current")
    signing_in.note_right_password(**who)
    user.set_password(checked(new, user))
    user.save(update_fields=["password"])
    return user


def checked(password: str, user: User, field: str = "new") -> str:
    """The password. Refuses one that the password validators reject for this user."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Invalid(" ".join(error.messages), field=field) from error
    return password
