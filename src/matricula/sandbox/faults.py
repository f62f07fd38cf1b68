"""Faults on demand: what goes wrong on real sites, to be seen and tested against.

A fault strikes the next N calls (``times``), or each call with a probability (``chance``, drawn from a
seeded generator), and may be narrowed to one web-service function.
"""

import random
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from typing import Any

KINDS = (
    "drop_before",
    "drop_after",
    "bad_gateway",
    "deadlock",
    "too_many",
    "server_error",
    "half_answer",
    "late_answer",
    "invalid_response",
)


@dataclass
class Strike:
    """When a fault strikes: the next ``times`` calls, or with a ``chance`` between 0 and 1.

    ``function`` narrows it to one web-service function, ``writes`` to those that write; ``each`` strikes the next
    ``times`` calls of each function. ``skip`` lets that many calls pass first.
    """

    times: int = 0
    chance: float = 0.0
    function: str = ""
    skip: int = 0
    writes: bool = False
    each: bool = False

    def concerns(self, function: str) -> bool:
        """Whether it is meant for calls of this function."""
        return self.function in ("", function) and not (self.writes and not writes(function))

    def due(self, function: str, draw: float) -> bool:
        """Whether it strikes this call; counts down."""
        if not self.concerns(function):
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        if self.times > 0:
            self.times -= 1
            return True
        return draw < self.chance


def writes(function: str) -> bool:
    """Whether a web-service function writes; Moodle's naming tells."""
    return "_get_" not in function


@dataclass
class Settings:
    """All faults, as ``POST /sandbox/faults`` takes and ``GET /sandbox/faults`` shows them.

    Attributes:
        latency_ms: how long every call waits before it is worked on, in milliseconds.
        max_input_vars: form fields read of a request; more are silently dropped. 0 is no limit.
        maintenance: every call is refused with ``sitemaintenance``.
        maintenance_page: every request gets HTTP 503 and an HTML page, as in maintenance set by
            ``admin/cli/maintenance.php``.
        token_calls: the token is refused after so many further calls; -1 is never.
        token_until: the token is refused from that moment on (seconds since 1970); 0 is never.
        share_deadlock: an enrolment call is refused with ``dmlwriteexception`` while another one
            under way has a user in common.
        refuse_users: usernames and idnumbers of users that the site's database refuses to write.
        refuse_rows: rows of writing calls that the database refuses, as ``field=value`` of one of their fields.
        disk_full: the database refuses everything that is to be added or altered.
        missing_functions: functions that the token's service has lost.
        login_redirect: every request is sent on to the sign-in page, as by a single sign-on before the site.
        retry_after: seconds that ``too_many`` asks callers to wait.
        late_ms: how long ``late_answer`` keeps the answer back.
        seed: starts the generator behind ``chance`` anew.
        drop_before: the connection breaks before the call was worked on.
        drop_after: the connection breaks after the call was worked on, its answer lost.
        bad_gateway: HTTP 502 with an HTML page; the call was not worked on.
        deadlock: the call is rolled back and refused with ``dmlwriteexception``.
        too_many: HTTP 429 with ``Retry-After``; the call was not worked on.
        server_error: HTTP 500 with PHP's own page, after the call was worked on.
        half_answer: the answer breaks off in its middle, after the call was worked on.
        late_answer: the answer comes late, after the call was worked on.
        invalid_response: the call was worked on, and Moodle found its own answer invalid.
    """

    latency_ms: float = 0
    max_input_vars: int = 5000
    maintenance: bool = False
    maintenance_page: bool = False
    token_calls: int = -1
    token_until: float = 0
    share_deadlock: bool = False
    refuse_users: list[str] = field(default_factory=list)
    refuse_rows: list[str] = field(default_factory=list)
    disk_full: bool = False
    missing_functions: list[str] = field(default_factory=list)
    login_redirect: bool = False
    retry_after: float = 1
    late_ms: float = 2000
    seed: int = 1
    drop_before: Strike = field(default_factory=Strike)
    drop_after: Strike = field(default_factory=Strike)
    bad_gateway: Strike = field(default_factory=Strike)
    deadlock: Strike = field(default_factory=Strike)
    too_many: Strike = field(default_factory=Strike)
    server_error: Strike = field(default_factory=Strike)
    half_answer: Strike = field(default_factory=Strike)
    late_answer: Strike = field(default_factory=Strike)
    invalid_response: Strike = field(default_factory=Strike)


class Faults:
    """The faults in force and what has been seen; safe to change while calls are under way.

    Parameters:
        settings: any of :class:`Settings`, by name; a strike as a dict or a :class:`Strike`.
    """

    def __init__(self, **settings: Any) -> None:
        self._lock = threading.Lock()
        self._under_way: dict[int, frozenset[int]] = {}
        self._next = 0
        self._each: dict[tuple[str, str], Strike] = {}
        self.settings = Settings()
        self._random = random.Random(self.settings.seed)  # noqa: S311 — faults, not secrets
        self.calls: Counter[str] = Counter()
        self.struck: Counter[str] = Counter()
        self.set(**settings)

    def set(self, **settings: Any) -> None:
        """Changes faults; those not named stay as they are.

        Raises:
            ValueError: a name that is no fault, or a value of the wrong type, naming both.
        """
        known = {each.name: getattr(Settings(), each.name) for each in fields(Settings)}
        checked = {name: _fitting(name, value, known) for name, value in settings.items()}
        with self._lock:
            for name, value in checked.items():
                setattr(self.settings, name, value)
                self._each = {key: strike for key, strike in self._each.items() if key[0] != name}
            if "seed" in checked:
                self._random.seed(self.settings.seed)

    def clear(self) -> None:
        """Ends all faults and forgets what was counted."""
        with self._lock:
            self.settings = Settings()
            self._random.seed(self.settings.seed)
            self._each.clear()
            self.calls.clear()
            self.struck.clear()

    def as_json(self) -> dict[str, Any]:
        """The faults in force, ready for JSON."""
        return {
            each.name: vars(value) if isinstance(value, Strike) else value
            for each in fields(Settings)
            for value in [getattr(self.settings, each.name)]
        }

    def seen(self) -> dict[str, Any]:
        """What has happened since the start: calls by function, and faults by kind."""
        return {
            "calls": dict(self.calls),
            "total": self.calls.total(),
            "deadlocks": self.struck["deadlock"],
            "fields_cut": self.struck["fields_cut"],
            "struck": dict(self.struck),
        }

    def count(self, function: str) -> None:
        """Notes a call."""
        with self._lock:
            self.calls[function] += 1

    def note(self, kind: str, number: int = 1) -> None:
        """Notes that a fault struck."""
        with self._lock:
            self.struck[kind] += number

    def due(self, kind: str, function: str) -> bool:
        """Whether one of the ``KINDS`` strikes this call; if so it is noted."""
        with self._lock:
            strike: Strike = getattr(self.settings, kind)
            if strike.each:
                strike = self._each.setdefault((kind, function), replace(strike))
            if not strike.due(function, self._random.random() if strike.chance else 1.0):
                return False
            self.struck[kind] += 1
            self.struck[f"{kind} {function}"] += 1
            return True

    def token_expired(self, now: float) -> bool:
        """Whether the token is past its time; counts the call against ``token_calls``."""
        with self._lock:
            if self.settings.token_until and now >= self.settings.token_until:
                return True
            if self.settings.token_calls == 0:
                return True
            if self.settings.token_calls > 0:
                self.settings.token_calls -= 1
            return False

    @contextmanager
    def under_way(self, users: Iterable[int]) -> Iterator[bool]:
        """Marks users as being written to; gives whether another call had one of them already."""
        mine = frozenset(users)
        with self._lock:
            clash = any(mine & theirs for theirs in self._under_way.values())
            self._next += 1
            key = self._next
            self._under_way[key] = mine
        try:
            yield clash
        finally:
            with self._lock:
                del self._under_way[key]


def _fitting(name: str, value: Any, known: dict[str, Any]) -> Any:
    if name not in known:
        raise ValueError(f"There is no fault {name!r}. Known are: {', '.join(known)}.")
    default = known[name]
    if isinstance(default, Strike):
        if isinstance(value, Strike):
            return value
        if isinstance(value, dict) and set(value) <= set(vars(default)):
            return Strike(**value)
        raise ValueError(f"Fault {name!r} takes some of {', '.join(vars(default))}; not {value!r}.")
    if isinstance(default, list):
        return [str(each) for each in value]
    if isinstance(value, bool) != isinstance(default, bool) or not isinstance(value, int | float):
        raise ValueError(f"Fault {name!r} takes a value like {default!r}; not {value!r}.")
    return value
