import pytest

from corpusapp.core.home import Home


@pytest.fixture
def desk(transactional_db, settings, tmp_path):
    """A corpus with all kinds of data, in its own home."""
    from tests.backup import cast

    settings.HOME = Home(tmp_path / "home")
    return cast.make_desk()


@pytest.fixture
def target(transactional_db, tmp_path):
    """An empty home and an empty database."""
    from tests.backup import cast

    with cast.empty_target(tmp_path / "target") as found:
        yield found
