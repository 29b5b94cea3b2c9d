"""What a release holds, and that nothing changes it."""

import pytest

from tests.exports.cast import make_desk
from tests.releases import cast


@pytest.fixture
def corpus(db):
    return make_desk()


def test_a_release(corpus):
    release = cast.make(corpus, name="First")
    assert release.number == 1
