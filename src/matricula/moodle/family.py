"""What every family of calls has in common."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from matricula.moodle.batches import fit
from matricula.moodle.site import Site

if TYPE_CHECKING:
    from matricula.moodle.plugin import Plugin
    from matricula.moodle.plugin_calls import Kind

T = TypeVar("T")


class Caller(Protocol):
    """What a family of calls needs of the client; see `matricula.moodle.Moodle` for each."""

    callers: int
    plugin: "Plugin"

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


def linked(
    moodle: Caller, kind: "Kind", links: "Kind", holder: str, held: str, ids: Iterable[int]
) -> tuple[dict[int, set[int]], list[int]]:
    """What some records hold, by the plugin: members of groups, groups of groupings.

    Args:
        moodle: the client.
        kind: kind of the records.
        links: kind of what links them with what they hold.
        holder: the column of the links that names the record.
        held: the column that names what it holds.
        ids: the records.

    Returns:
        ids held by each record, and the records that are not on the site.
    """
    wanted = list(dict.fromkeys(ids))
    frame = moodle.plugin.snapshot(links, [holder, held], {holder: wanted})
    found: dict[int, set[int]] = {key: set() for key in wanted}
    for key, member in frame.iter_rows():
        found[key].add(member)
    return found, moodle.plugin.missing(kind, [key for key, members in found.items() if not members])


class Family:
    """Calls that belong together, bound to a client.

    Args:
        moodle: the client that makes the calls.
    """

    def __init__(self, moodle: Caller) -> None:
        self._moodle = moodle
