"""The account in whose name the desk's own commands act."""

from corpusapp.accounts.models import User

USERNAME = "command-line"


def command_line_user() -> User:
    """A system account that holds every role and cannot sign in; made at first use."""
    user, made = User.objects.get_or_create(
        username=USERNAME, defaults={"is_system": True, "is_active": False, "first_name": "Command line"}
    )
    if made:
        user.set_unusable_password()
        user.save(update_fields=["password"])
    return user
