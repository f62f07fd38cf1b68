"""What all pages of a profile have in common: its head, its tabs, and differences of its text."""

from difflib import SequenceMatcher
from typing import Any

from matricula.errors import UsageError
from matricula.hub.profile_saving import settings_changed
from matricula.hub.standing import standing_of
from matricula.profiles.reading import content_of
from matricula.service.permissions import May
from matricula.store import Document
from matricula.web.profile_editor import PARTS
from matricula.web.visit import Visit

DiffLine = tuple[str, int, int, str]
"""Sign, line before, line after, text; a line number of 0 stands for none."""
#: So many lines around a change are shown.
AROUND = 3
MOST_NAMED = 20


def head(visit: Visit, name: str, tab: str) -> dict[str, Any]:
    """What the head of a profile's pages shows."""
    return {
        "standing": standing_of(visit.service.home, name),
        "tabs": [(word, part.title) for word, part in PARTS.items()],
        "tab": tab,
        "editable": visit.may(May.OPERATE),
    }


def diff_of(before: str, after: str) -> list[DiffLine]:
    """The lines in which two texts differ, with some around them."""
    old, new = before.splitlines(), after.splitlines()
    found: list[DiffLine] = []
    for number, group in enumerate(SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(AROUND)):
        if number:
            found.append(("…", 0, 0, ""))
        for what, start, end, begin, to in group:
            if what == "equal":
                found += [(" ", n + 1, begin + n - start + 1, old[n]) for n in range(start, end)]
            else:
                found += [("-", n + 1, 0, old[n]) for n in range(start, end)]
                found += [("+", 0, n + 1, new[n]) for n in range(begin, to)]
    return found


def newest(visit: Visit, name: str) -> Document:
    """The revision of a profile that is in force.

    Raises:
        UsageError: there is no such profile.
    """
    found = visit.service.store.documents.get("profile", name)
    if found is None:
        raise UsageError(f"There is no profile named “{name}”.", code="profile-unknown")
    return found


def note_saved(visit: Visit, name: str, revision: int, before: str, after: str) -> None:
    """Note in the audit log that a profile was saved, and which of its settings have changed."""
    changed = settings_changed(content_of(before), content_of(after)) if before else []
    listed = ", ".join(changed[:MOST_NAMED]) + (", …" if len(changed) > MOST_NAMED else "")
    words = f"revision {revision}" + (f": {listed}" if listed else "")
    visit.note("profile.saved", f"profile {name}", profile=name, words=words)
