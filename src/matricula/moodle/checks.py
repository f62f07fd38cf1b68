"""One line of the preflight, and what its parts have in common."""

from dataclasses import dataclass
from typing import Final, Literal

State = Literal["ok", "warn", "fail"]

ROLES_PAGE: Final = "Site administration > Users > Permissions > Define roles"
META: Final = "enrol_meta_add_instances"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the preflight.

    Args:
        name: what was looked at.
        state: `ok`; `warn`, worth knowing and no obstacle; `fail`, a run would stop or miss something.
        message: what was found.
        remedy: the setting or step that mends it, empty where nothing needs mending.
    """

    name: str
    state: State
    message: str
    remedy: str = ""
