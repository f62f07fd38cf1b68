"""Invitations by Matricula's own mail: put into the outbox together with the outcome of the change, once for each."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final

from matricula.store import Store
from matricula.tools.roster import RosterChange

CHANNEL: Final = "invitation"
"""What the outbox calls such a message; its body is JSON: `name`, `tool`, `course` and `link`."""


@dataclass(frozen=True)
class Invitations:
    """What an invitation says of the tool.

    Args:
        tool: what the school's part of it is called.
        course: the tool's course.
        link: where people go.
    """

    tool: str
    course: str
    link: str

    def put(self, store: Store, preview: int, number: int, change: RosterChange, at: datetime) -> bool:
        """Have somebody invited who was added or brought back; the same change of a preview once and never again.

        Args:
            store: the state, in the transaction that notes the change as done.
            preview: the preview's number.
            number: the change's number in it.
            change: the change.
            at: now.

        Returns:
            whether it is new.
        """
        told = {"name": change.name, **asdict(self)}
        to = str((change.after or {})["email"])
        once = f"{CHANNEL}:{preview}:{number}"
        return store.sendings.add(once, CHANNEL, to, json.dumps(told, ensure_ascii=False), at)
