"""Profiles saved as somebody wrote them, made anew, and taken away."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from matricula.errors import SettingError, StopError, UsageError
from matricula.hub.home import Home, Saved
from matricula.hub.persons import person
from matricula.profiles.faults import path_text
from matricula.profiles.reading import Written, parse_documents, read_profile
from matricula.profiles.rewriting import same

_ENDED: Collection[str] = ("rejected", "applied", "superseded")


def written_profile(text: str, name: str) -> Written:
    """A text as the document of a profile, whatever else may be wrong with it.

    Args:
        text: YAML.
        name: the profile's name.

    Raises:
        SettingError: it is not YAML, or not the one document of this profile.
    """
    where = f"profile {name}"
    documents = parse_documents(text, where)
    if [(each.kind, each.name) for each in documents] != [("profile", name)]:
        told = ", ".join(f"{each.kind} {each.name}" for each in documents) or "nothing"
        raise SettingError(
            f"This text is not the profile {name}: it holds {told}.",
            where=where,
            remedy=f"Leave “kind: profile” and “name: {name}” as they are; a copy gets another name.",
            code="profile-other",
        )
    return documents[0]


def save_profile(home: Home, name: str, text: str, *, after: int) -> Saved:
    """Keep a text as a profile's newest revision, just as it was written.

    Args:
        home: the home.
        name: the profile.
        text: YAML, comments and all.
        after: the revision that it was made from; 0 for a new profile.

    Raises:
        SettingError: with every fault of the text.
        StopError: somebody else has saved another revision in the meantime.
        UsageError: a new profile is there already.
    """
    text = text.replace("\r\n", "\n").rstrip("\n") + "\n"
    document = written_profile(text, name)
    read_profile(document.content, f"profile {name}", document.lines)
    if after == 0 and name in home.names("profile"):
        raise profile_exists(name)
    return Saved("profile", name, home.store.documents.save("profile", name, text, by=person(), after=after))


def profile_exists(name: str) -> UsageError:
    """The refusal of a name that a profile has already."""
    return UsageError(
        f"There is a profile {name} already.",
        where=f"profile {name}",
        remedy="Take another name.",
        code="profile-exists",
    )


def was_applied(home: Home, name: str) -> bool:
    """Whether anything of a profile was ever written to its site."""
    return bool(home.store.runs.all(name, 1))


def remove_profile(home: Home, name: str) -> None:
    """Take a profile away of which nothing was ever applied; its plans are put away.

    Raises:
        UsageError: there is no such profile.
        StopError: something was applied: what it made would be left alone without anybody knowing.
    """
    home.profile(name)
    with home.store.begin():
        if was_applied(home, name):
            raise StopError(
                f"Plans of the profile {name} were applied; what they made in Moodle is known to it alone.",
                where=f"profile {name}",
                remedy="Disable it instead: then nothing of it is applied any more.",
                code="profile-applied",
            )
        for plan in home.store.plans.all(name):
            if plan.state not in _ENDED:
                home.store.plans.set_state(plan.number or 0, "superseded", person(), "the profile was deleted")
        home.store.conflicts.forget(name)
        home.store.documents.remove_profile(name)


def settings_changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """The settings in which two versions of a document differ, as people write them."""
    return [path_text(path) for path in _differing(before, after, ())]


def _differing(one: Any, other: Any, path: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    if same(one, other):
        return
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        for name in dict.fromkeys((*one, *other)):
            yield from _differing(one.get(name, _NOTHING), other.get(name, _NOTHING), (*path, str(name)))
    else:
        yield path


_NOTHING = object()
