"""Acts of the audit log in the words of people."""

import json
import re
from types import MappingProxyType
from typing import Final

from matricula.store import Happened

GROUPS: Final = MappingProxyType(
    {
        "plan.": "Plans",
        "run.": "Runs",
        "job.": "Jobs",
        "profile.": "Profiles",
        "document.": "Documents",
        "sign": "Signing in and out",
        "provider.": "Signing on to Moodle",
        "account.": "Accounts",
        "token.": "Tokens",
        "identity.": "Identities",
        "drift.": "Edits in Moodle",
        "person.": "People",
        "state.": "The state itself",
    }
)
"""What acts are about, by how they begin."""

_WORDS: Final = {
    "plan.made": "made",
    "plan.ready": "made",
    "plan.held": "made; it waits for a person",
    "plan.released": "released",
    "plan.approved": "approved",
    "plan.rejected": "rejected",
    "plan.applied": "written",
    "plan.superseded": "put away as outdated",
    "plan.parted": "parted",
    "plan.downloaded": "downloaded",
    "run.began": "began",
    "run.ended": "ended",
    "job.asked": "asked for",
    "job.cancelled": "cancelled",
    "signed-in": "signed in",
    "signed-out": "signed out",
    "sign-in.refused": "tried to sign in, and was refused",
    "portal.signed-in": "signed in at the portal",
    "portal.refused": "tried to sign in at the portal, and was refused",
    "sign-on.given": "was sent on to Moodle",
    "sign-on.refused": "was not signed on to Moodle",
    "sign-on.secret": "a secret for signing on was made",
    "provider.signed-on": "signed on to Moodle",
    "provider.signed-out": "signed out",
    "provider.refused": "was not signed on to Moodle",
    "lti.launched": "went on to a published course",
    "lti.refused": "did not get into a published course",
    "provider.client": "may ask who people are",
    "provider.key": "put in force",
    "block.secret": "a secret for its block was made",
    "block.removed": "the secret of its block was taken away",
    "block.refused": "the block of a Moodle was refused",
    "history.exported": "took the history along",
    "state.forget": "had a person forgotten",
    "state.purge": "removed what was old",
    "state.key": "changed the key",
    "state.backup": "made a backup",
}
_LINKED: Final = re.compile(r"(plan|run|job) (\d+)")


def in_words(entry: Happened) -> str:
    """What was done, in words: `plan 12: approved`."""
    told = _WORDS.get(entry.act) or entry.act.partition(".")[2].replace("-", " ") or entry.act.replace("-", " ")
    if entry.act.startswith("state."):
        return told
    subject = entry.subject or ("" if entry.act in _WORDS else entry.act.partition(".")[0])
    return f"{subject}: {told}" if subject else told


def words_of(entry: Happened) -> str:
    """What was said with it; of acts on the state what was concerned, as numbers."""
    if entry.source != "state":
        return "" if entry.words == "planned" else entry.words
    try:
        counts = json.loads(entry.words)
        return ", ".join(f"{number:,} {name.replace('_', ' ')}" for name, number in counts.items())
    except (ValueError, AttributeError, TypeError):
        return ""


def link_of(entry: Happened) -> str:
    """Where what it was done to is shown; empty where nowhere."""
    found = _LINKED.fullmatch(entry.subject)
    return f"/{found[1]}s/{found[2]}" if found else ""
