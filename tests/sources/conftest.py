"""Services on this machine, shared by the tests that read them."""

from collections.abc import Iterator

import pytest
import stamina
from rest_services import Service, serving


@pytest.fixture(scope="session")
def one_service() -> Iterator[Service]:
    with serving() as service:
        yield service


@pytest.fixture
def service(one_service: Service) -> Iterator[Service]:
    """A service that knows nothing yet; calls are repeated as often as ever, without pauses between."""
    one_service.answer(lambda _request, _form: None)
    with stamina.set_testing(True, attempts=5, cap=True):
        yield one_service
