"""People of whom it is unclear which account is theirs: they wait in the queue of identities for a person's word."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from matricula.moodle import User
from matricula.planning.ground import Ground, Unclear
from matricula.planning.rules import RULES

#: What a person can say of somebody in the queue.
ACCOUNT, NEW, LEAVE = "account:", "new", "leave"


@dataclass(frozen=True)
class Decisions:
    """What persons have decided of people in the queue.

    Args:
        accounts: the account of each person who was told to have one, by key.
        new: keys of people who are to get an account of their own.
        left: keys of people who are to be left out.
    """

    accounts: dict[str, int] = field(default_factory=dict)
    new: frozenset[str] = frozenset()
    left: frozenset[str] = frozenset()

    @classmethod
    def of(cls, ground: Ground) -> "Decisions":
        """The decisions that a plan stands on."""
        said = ground.decisions
        return cls(
            {key: int(word.removeprefix(ACCOUNT)) for key, word in said.items() if word.startswith(ACCOUNT)},
            frozenset(key for key, word in said.items() if word == NEW),
            frozenset(key for key, word in said.items() if word == LEAVE),
        )


def put_into_queue(
    ground: Ground, row: dict[str, Any], code: str, value: str, candidates: Iterable[User] = (), **told: object
) -> None:
    """Report a person and put them into the queue of identities.

    Args:
        ground: where findings and the queue are.
        row: the desired person: `key`, `name`, `line`.
        code: the finding.
        value: the value at fault.
        candidates: accounts that could be theirs.
        told: what fills the finding's message.
    """
    finding = RULES[code].finding(
        sourced_id=row["key"], line=row["line"], value=value, told={"name": row["name"], **told}
    )
    ground.findings.append(finding)
    shown = tuple(_shown(user) for user in sorted(set_of(candidates), key=lambda user: user.id))
    ground.unclear.append(Unclear(row["key"], row["name"], code, finding.message, shown))


def set_of(users: Iterable[User]) -> list[User]:
    """Accounts, each once."""
    return list({user.id: user for user in users}.values())


def _shown(user: User) -> dict[str, Any]:
    return {
        "id": user.id,
        "username": user.username,
        "name": f"{user.firstname} {user.lastname}",
        "email": user.email,
        "idnumber": user.idnumber,
    }
