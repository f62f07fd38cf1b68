"""What every family of calls has in common."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from matricula.moodle.site import Site

T = TypeVar("T")


class Caller(Protocol):
    """What a family of calls needs of the client; see `matricula.moodle.Moodle` for each."""

    callers: int

    @property
    def form_fields(self) -> int: ...  # noqa: D102

    def read(self, function: str, parameters: Mapping[str, Any]) -> Any: ...  # noqa: D102

    def write(self, function: str, parameters: Mapping[str, Any]) -> Any: ...  # noqa: D102

    def site(self) -> Site: ...  # noqa: D102

    def in_parallel(self, tasks: Sequence[Callable[[], T]]) -> list[T]: ...  # noqa: D102


class Family:
    """Calls that belong together, bound to a client.

    Args:
        moodle: the client that makes the calls.
    """

    def __init__(self, moodle: Caller) -> None:
        self._moodle = moodle
