"""What a run does when a site fails, for each way in which it can: stated here, shown in docs/faults.md, and tested."""

from dataclasses import dataclass, field
from typing import Any

GOES_ON = "goes on by itself"
WAITS = "waits, and goes on by itself"
STOPS = "stops and says why; `matricula apply PLAN` goes on"
REFUSES = "these rows are refused, each with a reason; all others go through; the next plan has them again"

#: One call of each function that writes.
_ONCE = {"times": 1, "each": True, "writes": True}


@dataclass(frozen=True)
class Fault:
    """One way in which a site fails.

    Args:
        name: the sandbox's word for it.
        what: what happens, for people.
        way: what the run does.
        settings: of the sandbox, while it fails.
        code: of the error with which the run stops.
        note: what else there is to know.
    """

    name: str
    what: str
    way: str
    settings: dict[str, Any] = field(default_factory=dict)
    code: str = ""
    note: str = ""


def _strike(name: str, what: str, note: str, **more: Any) -> Fault:
    return Fault(name, what, GOES_ON, {name: _ONCE, **more}, note=note)


_LOOKED_UP = "what was sent is looked up in Moodle; only what is missing is sent again"
FAULTS = (
    Fault("latency_ms", "every answer takes its time", GOES_ON, {"latency_ms": 3}, note="equally long is not overload"),
    Fault("max_input_vars", "PHP takes few form fields", GOES_ON, {"max_input_vars": 300}, note="batches are counted"),
    Fault(
        "share_deadlock",
        "calls under way that share a user deadlock",
        GOES_ON,
        {"share_deadlock": True, "latency_ms": 3},
        note="a user is never in two calls at once",
    ),
    _strike("deadlock", "the database rolls a call back once", "it is repeated; fewer calls at once for a while"),
    _strike(
        "too_many", "HTTP 429 with Retry-After", "it waits as long as it is told to; fewer calls at once", retry_after=0
    ),
    _strike("drop_before", "the connection breaks before the call was worked on", _LOOKED_UP),
    _strike("drop_after", "the connection breaks after the call was worked on", _LOOKED_UP),
    _strike("bad_gateway", "HTTP 502 and a page, nothing done", _LOOKED_UP),
    _strike("server_error", "HTTP 500 and PHP's error page, everything done", _LOOKED_UP),
    _strike("half_answer", "the answer breaks off in its middle", _LOOKED_UP),
    _strike("late_answer", "no answer within the site document's timeout, everything done", _LOOKED_UP, late_ms=700),
    _strike("invalid_response", "Moodle finds its own answer invalid, everything done", _LOOKED_UP),
    Fault("maintenance", "maintenance mode", WAITS, {"maintenance": True}, note="one call asks, at most every 20 s"),
    Fault("maintenance_page", "maintenance from the command line, HTTP 503", WAITS, {"maintenance_page": True}),
    Fault("token_calls", "the token is refused", STOPS, {"token_calls": 0}, "access-refused", "see the token's expiry"),
    Fault("token_until", "the token expires", STOPS, {"token_until": 1.0}, "access-refused"),
    Fault(
        "missing_functions",
        "the token's service loses a function",
        STOPS,
        {"missing_functions": "the step's"},
        "function-missing",
        "the message names the function",
    ),
    Fault(
        "login_redirect",
        "a sign-in page stands before the site",
        STOPS,
        {"login_redirect": True},
        "not-moodle",
        "the message names where callers are sent",
    ),
    Fault("refuse_users", "the database refuses certain people", REFUSES, {"refuse_users": ["user1", "user3"]}),
    Fault(
        "refuse_rows",
        "the database refuses certain rows",
        REFUSES,
        {
            "refuse_rows": [
                "firstname=Ann",
                "shortname=7A 2026/27",
                "name=Lemur",
                "name=Grade 7 Oak School",
                "groupid=2",
            ]
        },
        note="found by halving: with k such rows of n, O(k log n) calls",
    ),
    Fault(
        "disk_full",
        "the database takes nothing",
        REFUSES,
        {"disk_full": True},
        note="after 25 refused rows in a row, and none that went through, the run stops (`database-refuses`)",
    ),
)


def as_markdown() -> str:
    """The table of docs/faults.md."""
    rows = [f"| {each.what} | `{each.name}` | {each.way} | {each.note} |" for each in FAULTS]
    return "\n".join(["| the site | in the sandbox | the run | |", "|---|---|---|---|", *rows])
