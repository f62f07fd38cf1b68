"""What a person decides of fields that somebody edited in Moodle."""

from collections.abc import Sequence
from typing import Final, Literal

from matricula.errors import UsageError
from matricula.hub.audited import note, subject_of
from matricula.hub.home import Home
from matricula.profiles import Profile
from matricula.store import Drifted, Store

Decision = Literal["accepted", "put-back"]
ACTS: Final[dict[Decision, str]] = {"accepted": "drift.accepted", "put-back": "drift.put-back"}


def edits_of(
    store: Store, profile: str, *, kind: str | None = None, field: str | None = None, key: str | None = None
) -> list[Drifted]:
    """Edits that are known of a profile, accepted ones too, by kind, name and field.

    Args:
        store: the state.
        profile: the profile.
        kind: only records of this kind.
        field: only this field.
        key: only this record.
    """
    return [
        each
        for each in store.drift.all(profile)
        if kind in (None, each.kind) and field in (None, each.field) and key in (None, each.key)
    ]


def fate_of(profile: Profile, edit: Drifted) -> str:
    """What becomes of an edit: `leave`, `accept` or `put-back` by the profile, else what was decided of it."""
    return profile.drift.of(edit.kind, edit.field) if edit.state == "open" else edit.state


def decide(home: Home, profile: str, edits: Sequence[Drifted], decision: Decision) -> int:
    """Accept edits, or have the next plan put them back; nothing is written to the site.

    Args:
        home: the home.
        profile: the profile.
        edits: the edits.
        decision: `accepted` or `put-back`.

    Returns:
        how many there were.

    Raises:
        UsageError: there is none.
    """
    if not edits:
        raise UsageError(
            "No such edit is known.",
            where=f"profile {profile}",
            remedy="Another plan may have found it gone, or somebody else decided of it. See what is listed now.",
            code="drift-unknown",
        )
    records = {(each.kind, each.key) for each in edits}
    fields = ", ".join(sorted({f"{each.kind} {each.field}" for each in edits}))
    alone = subject_of(*records.pop()) if len(records) == 1 else f"{len(records)} records"
    with home.store.begin():
        home.store.drift.say(edits, decision)
        note(home, ACTS[decision], profile, subject=alone, words=fields)
    return len(edits)
