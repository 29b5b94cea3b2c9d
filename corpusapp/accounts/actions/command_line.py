"""The account that management commands act as."""

from corpusapp.accounts.models import User

USERNAME = "command-line"


def command_line_user() -> User:
    """A system account that has every role and cannot sign in. Created at first use."""
    user, created = User.objects.get_or_create(
        username=USERNAME, defaults={"is_system": True, "is_active": False, "first_name": "Command line"}
    )
    if created:
        user.set_unusable_password()
        user.save(update_fields=["password"])
    return user
