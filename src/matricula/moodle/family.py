"""What every family of calls has in common."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Protocol, TypeVar

from matricula.moodle.batches import fit
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


#: Records asked for in one call at most.
_PER_LOOK_UP = 500


def in_parts(
    moodle: Caller, ids: Iterable[int], read: Callable[[Sequence[int]], list[T]], *, other: int = 0
) -> list[T]:
    """What a reading call tells of many records, in as many calls as they need, side by side.

    Args:
        moodle: the client.
        ids: the records; each is asked for once.
        read: the call for some of them.
        other: form fields that the call has beside the ids.
    """
    wanted = list(dict.fromkeys(ids))
    parts = fit(wanted, moodle.form_fields - other, most=_PER_LOOK_UP) if wanted else []
    return [row for part in moodle.in_parallel([partial(read, part) for part in parts]) for row in part]


class Family:
    """Calls that belong together, bound to a client.

    Args:
        moodle: the client that makes the calls.
    """

    def __init__(self, moodle: Caller) -> None:
        self._moodle = moodle
