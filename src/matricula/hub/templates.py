"""Profiles to begin with: what each is for, and its text for a certain source and site."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from matricula.errors import UsageError
from matricula.profiles.reading import rewritten

_ORDER: Final = ("plain", "subjects", "groups", "families", "people")


@dataclass(frozen=True)
class Template:
    """A profile to begin with.

    Args:
        name: its name in forms.
        title: its name for people.
        says: what it makes, and for whom it is, in two sentences.
        body: its text, with stand-ins for the names of source, site and profile.
    """

    name: str
    title: str
    says: str
    body: str

    def text(self, source: str, site: str, name: str, timezone: str) -> str:
        """The document of a new profile.

        Args:
            source: name of its source.
            site: name of its site.
            name: its own name.
            timezone: time zone in which its days begin.
        """
        named = {"name": name, "source": source, "site": site, "timezone": timezone}
        return rewritten(self.body, named)


@cache
def templates() -> tuple[Template, ...]:
    """All templates, the one to begin with first."""
    return tuple(map(_template, _ORDER))


def template(name: str) -> Template:
    """A template by its name.

    Raises:
        UsageError: there is none.
    """
    found = next((each for each in templates() if each.name == name), None)
    if found is None:
        raise UsageError(
            f"There is no template “{name}”.",
            remedy=f"There are: {', '.join(_ORDER)}.",
            code="template-unknown",
        )
    return found


def _template(name: str) -> Template:
    body = (files("matricula.profiles") / "templates" / f"{name}.yaml").read_text(encoding="utf-8")
    head = body.partition("kind:")[0]
    title, *says = [line.removeprefix("#").strip() for line in head.splitlines()]
    return Template(name, title, " ".join(says), body)
