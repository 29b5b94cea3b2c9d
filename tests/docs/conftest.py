from collections.abc import Iterator

import pytest

from tests.docs.checkout import Checkout, checked_out


@pytest.fixture
def checkout() -> Iterator[Checkout]:
    with checked_out() as made:
        yield made
