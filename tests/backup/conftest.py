import pytest

from corpusapp.core.home import Home


@pytest.fixture
def desk(transactional_db, settings, tmp_path):
    """The corpus of a desk with something of all that is kept, in a home of its own."""
    from tests.backup import cast

    settings.HOME = Home(tmp_path / "home")
    return cast.make_desk()


@pytest.fixture
def target(transactional_db, tmp_path):
    """An empty home and an empty database, beside the desk's."""
    from tests.backup import cast

    with cast.empty_target(tmp_path / "target") as found:
        yield found
