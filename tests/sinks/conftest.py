"""Served OneRoster services, shared by the tests of the sink that writes to them."""

import pytest
import stamina
from oneroster_seen import OneRosterBench
from sink_benches import Writer

from gradebook_service import Gradebooks, running


@pytest.fixture(scope="session")
def service_1_2():
    with running(Gradebooks("1.2")) as served:
        yield OneRosterBench(served)


@pytest.fixture(scope="session")
def service_1_1():
    with running(Gradebooks("1.1", "oauth1")) as served:
        yield OneRosterBench(served)


@pytest.fixture
def newer(service_1_2):
    """An empty service of 1.2; what is tried again is so without pauses."""
    service_1_2.clear()
    with stamina.set_testing(testing=True, attempts=5, cap=True):
        yield service_1_2


@pytest.fixture
def older(service_1_1):
    """An empty service of 1.1."""
    service_1_1.clear()
    with stamina.set_testing(testing=True, attempts=5, cap=True):
        yield service_1_1


@pytest.fixture
def served(newer) -> Gradebooks:
    """The empty service of 1.2 from within."""
    return newer.served


@pytest.fixture
def scribe(newer) -> Writer:
    """What writes to the empty service of 1.2."""
    return Writer(newer)
