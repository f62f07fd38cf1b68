"""What waits for a person, in numbers."""

from dataclasses import dataclass

from matricula.store import Store


@dataclass(frozen=True)
class Waiting:
    """What waits for a person in a profile.

    Args:
        held: plans that something holds.
        identities: people of whom somebody must say which account is theirs.
        problems: records that Moodle refused.
        drift: fields edited in Moodle of which nothing was decided: those that are accepted do not count.
    """

    held: int = 0
    identities: int = 0
    problems: int = 0
    drift: int = 0

    def __bool__(self) -> bool:
        return bool(self.held or self.identities or self.problems or self.drift)


def waiting_of(store: Store, profile: str) -> Waiting:
    """What waits in one profile."""
    return all_waiting(store).get(profile, Waiting())


def all_waiting(store: Store) -> dict[str, Waiting]:
    """What waits, by profile; those where nothing does are left out."""
    counts = store.waiting.counts()
    return {profile: Waiting(**numbers) for profile, numbers in counts.items()}
