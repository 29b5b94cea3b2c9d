import copy

import pytest


@pytest.fixture(scope="module")
def cast_of_the_module(rows_of_the_module):
    # This file is read before Django is set up.
    from tests.admin.people import make_cast

    return make_cast()


@pytest.fixture
def cast(cast_of_the_module, db):
    """Two corpora with a row of every model, and a user of every role."""
    return copy.deepcopy(cast_of_the_module)
