"""Noting in the audit log what somebody decided about records: who is at work, and from where, says `persons`."""

from matricula.hub.home import Home
from matricula.hub.persons import address, person


def subject_of(kind: str, key: str) -> str:
    """A record as the audit log names it; `forget` blanks those of a person by it."""
    return f"{'person' if kind == 'user' else kind} {key}"


def note_setting(home: Home, act: str, subject: str, *, site: str = "", profile: str = "", words: str = "") -> None:
    """Note what the command line did to settings; the console notes its own.

    Args:
        home: the home.
        act: what was done, as `document.loaded`.
        subject: what it was done to.
        site: the site concerned; empty where none is.
        profile: the profile concerned; empty where none is.
        words: what was said.
    """
    who = {"by": person(), "address": address()}
    home.store.audit.note(act, **who, subject=subject, site=site, profile=profile, words=words)


def note(home: Home, act: str, profile: str, *, subject: str = "", words: str = "") -> None:
    """Note an act on a profile's records.

    Args:
        home: the home.
        act: what was done, as `identity.settled`.
        profile: the profile.
        subject: what it was done to.
        words: what was said.
    """
    site = home.profile(profile).site
    who = {"by": person(), "address": address()}
    home.store.audit.note(act, **who, subject=subject, site=site, profile=profile, words=words)
