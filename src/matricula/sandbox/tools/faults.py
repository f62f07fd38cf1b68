"""What goes wrong with learning tools, to be seen and tested against."""

import threading
from collections import Counter
from dataclasses import dataclass, field, fields
from typing import Any

from matricula.sandbox.faults import Strike


@dataclass
class ToolFaults:
    """The faults in force.

    A strike's ``function`` is a call: ``instance``, ``course``, ``course.put``,
    ``student``, ``student.add``, ``student.edit``, ``student.delete``, ``student.restore``, ``export``,
    ``export.task`` or ``export.download``.

    Attributes:
        html: an HTML page with status 200; nothing was done.
        too_many: HTTP 429 with ``Retry-After`` of ``retry_after`` seconds; nothing was done.
        retry_after: seconds.
        null_answer: the JSON ``null`` with status 200, after the call was worked on.
        half_answer: the answer breaks off in its middle, after the call was worked on.
        drop_before: the connection breaks; nothing was done.
        drop_after: the connection breaks after the call was worked on.
        server_error: HTTP 500 with a message; nothing was done.
        refuse_emails: addresses that the tool does not take.
        polls: how often a task says that it is at work before it has succeeded.
        task_fails: tasks end with ``FAILED``.
        task_endless: tasks never end.
    """

    html: Strike = field(default_factory=Strike)
    too_many: Strike = field(default_factory=Strike)
    retry_after: float = 1
    null_answer: Strike = field(default_factory=Strike)
    half_answer: Strike = field(default_factory=Strike)
    drop_before: Strike = field(default_factory=Strike)
    drop_after: Strike = field(default_factory=Strike)
    server_error: Strike = field(default_factory=Strike)
    refuse_emails: list[str] = field(default_factory=list)
    polls: int = 1
    task_fails: bool = False
    task_endless: bool = False

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self.calls: Counter[str] = Counter()

    def set(self, **settings: Any) -> None:
        """Changes faults; those not named stay as they are.

        Raises:
            ValueError: a name that is no fault, or a value of the wrong type.
        """
        known = {each.name: getattr(ToolFaults(), each.name) for each in fields(self)}
        for name, value in settings.items():
            if name not in known:
                raise ValueError(f"There is no fault {name!r}. Known are: {', '.join(known)}.")
            wanted = known[name]
            if isinstance(wanted, Strike) and isinstance(value, dict) and set(value) <= set(vars(wanted)):
                setattr(self, name, Strike(**value))
            elif type(value) is type(wanted) or (isinstance(wanted, float | int) and isinstance(value, float | int)):
                setattr(self, name, value)
            else:
                raise ValueError(f"Fault {name!r} takes a value like {wanted!r}; not {value!r}.")

    def as_json(self) -> dict[str, Any]:
        """The faults in force, ready for JSON."""
        return {
            each.name: vars(value) if isinstance(value, Strike) else value
            for each in fields(self)
            for value in [getattr(self, each.name)]
        }

    def due(self, kind: str, call: str) -> bool:
        """Whether a strike hits this call."""
        with self._lock:
            strike: Strike = getattr(self, kind)
            return strike.due(call, 1.0)

    def count(self, call: str) -> None:
        """Notes a call."""
        with self._lock:
            self.calls[call] += 1
