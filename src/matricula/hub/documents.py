"""Documents saved and removed by people who look at them: nobody's work is written over, nothing in use is taken."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from matricula.errors import SettingError, UsageError
from matricula.hub.blocks import forget_block
from matricula.hub.home import Home, Saved
from matricula.hub.ticket_keys import forget_ticket_key
from matricula.hub.tools import forget_tool, forget_tool_token
from matricula.profiles.reading import content_of, parse_documents

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
#: Settings of a source that decide where its secrets are sent.
_ADDRESSED = ("type", "url", "base", "parameters", "headers", "auth", "oauth2", "tls", "recipe", "bind_dn", "ca_file")
#: Settings of a sink that leave it where it is; all others may decide where its secrets are sent.
_HARMLESS = frozenset({"kind", "name", "timeout", "description"})


def load(home: Home, text: str, where: str, *, after: int | None = None) -> list[Saved]:
    """Take documents in for somebody who is not at the command line, all or none.

    A site, a source, a sink or a tool whose address is another one than before loses its kept secrets: they are entered
    again, so that nobody who may edit it can have them sent elsewhere.

    Args:
        home: the home.
        text: YAML, one or more documents.
        where: what to call the text in messages.
        after: the revision that the text of one document was made from, 0 for none; by default whichever is there.

    Raises:
        SettingError: with every fault of every document.
        StopError: somebody else has saved another revision in between.
    """
    written = parse_documents(text, where)
    with home.store.begin():
        before = [home.store.documents.get(each.kind, each.name) for each in written]
        saved = home.load(text, where, home.folder, after=after)
        for each, earlier in zip(written, before, strict=True):
            if earlier is not None:
                _forget_misdirected(home, each.kind, each.name, content_of(earlier.body), each.content)
    return saved


def save(home: Home, kind: str, name: str, body: str, *, revision: int | None = None) -> Saved:
    """Take in one document; see `load`.

    Args:
        home: the home.
        kind: its kind.
        name: its name.
        body: its text.
        revision: the revision that the text was made from; 0 for none, None where that does not matter.

    Raises:
        SettingError: the document has faults, or is of another kind or name.
        StopError: somebody else has saved it meanwhile.
    """
    where = f"{kind} {name}"
    if [(each.kind, each.name) for each in parse_documents(body, where)] != [(kind, name)]:
        raise SettingError(
            f"This is not the {kind} {name}.",
            where=where,
            remedy=f"Keep the lines “kind: {kind}” and “name: {name}” as they are, and put nothing after them that "
            "begins another document.",
            code="document-other",
        )
    if revision == 0:
        refuse_odd_name(name)
    return load(home, body, where, after=revision)[0]


def _forget_misdirected(home: Home, kind: str, name: str, before: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    if kind == "source" and any(before.get(each) != now.get(each) for each in _ADDRESSED):
        forget_secrets(home, name)
    settings = (before.keys() | now.keys()) - _HARMLESS
    if kind == "sink" and any(before.get(each) != now.get(each) for each in settings):
        forget_secrets(home, name, "sink")
    if kind == "site" and before.get("url") != now.get("url"):
        home.forget_token(name)
        forget_ticket_key(home, name)
        home.store.sign_on_clients.remove(name)
        forget_block(home, name)
    if kind == "import" and before.get("site") != now.get("site"):
        home.store.imported.forget(name)
    if kind == "import" and any(before.get(each) != now.get(each) for each in ("site", "to")):
        forget_secrets(home, name, kind)
    if kind == "tool" and any(before.get(each) != now.get(each) for each in ("type", "url", "token_url")):
        forget_tool_token(home, name)


def used_by(home: Home, kind: str, name: str) -> list[str]:
    """The documents that name a document, as `profile default`; a document in use is not removed."""
    profiles = [home.profile(each) for each in home.names("profile")]
    if kind == "site":
        of_profiles = [f"profile {each.name}" for each in profiles if each.site == name]
        imports = [f"import {each}" for each in home.names("import") if home.importing(each).site == name]
        return of_profiles + imports + [f"tool {each}" for each in home.names("tool") if home.tool(each).site == name]
    if kind == "sink":
        return [f"profile {each.name}" for each in profiles if each.grades.sink == name]
    if kind in ("tool", "import"):
        return []
    if kind == "source":
        return [f"profile {each.name}" for each in profiles if each.source == name] + [
            f"source {each.name}"
            for each in home.store.documents.all("source")
            if name in _parts_of(content_of(each.body))
        ]
    return [f"profile {each.name}" for each in profiles if kind == "profile" and name in each.beside]


def remove(home: Home, kind: str, name: str, *, mapped: bool = False) -> None:
    """Take a document out, with its secrets and, of a source, what it delivered; of a tool, all that is known of it.

    Args:
        home: the home.
        kind: its kind.
        name: its name.
        mapped: whether a tool is taken out even while courses are mapped to its own; the mappings end with it.

    Raises:
        UsageError: there is none of this name, others name it, or courses are mapped.
    """
    home.written(kind, name)
    if using := used_by(home, kind, name):
        raise UsageError(
            f"The {kind} {name} is in use: {', '.join(using)}.",
            where=f"{kind} {name}",
            remedy="Remove those first, or let them name another one.",
            code="document-in-use",
        )
    if kind == "tool" and not mapped:
        _refuse_mapped(home, name)
    with home.store.begin():
        if kind == "tool":
            forget_tool(home, name)
        if kind == "site":
            home.store.secrets.remove(f"token:{name}")
            forget_ticket_key(home, name)
            home.store.sign_on_clients.remove(name)
            forget_block(home, name)
        if kind == "source":
            forget_secrets(home, name)
            home.store.kept.forget(name)
        if kind == "sink":
            forget_secrets(home, name, kind)
        if kind == "import":
            forget_secrets(home, name, kind)
            home.store.imported.forget(name)
        home.store.documents.remove(kind, name)


def _refuse_mapped(home: Home, tool: str) -> None:
    if count := home.store.tools.count(tool):
        raise UsageError(
            f"{count} {'course is' if count == 1 else 'courses are'} mapped to the tool's.",
            where=f"tool {tool}",
            remedy=f"Unmap them, or end the mappings with it: matricula tool remove {tool} --mapped. The tool's own "
            "students stay as they are.",
            code="tool-mapped-still",
        )


def forget_secrets(home: Home, name: str, kind: str = "source") -> None:
    """Forget all secrets of a source, a sink or an import."""
    for each in home.store.secrets.all():
        if each.startswith(f"{kind}:{name}:"):
            home.store.secrets.remove(each)


def sites_of_source(home: Home, name: str) -> frozenset[str]:
    """The sites that a source's records reach, by profiles that read it or a source made of it.

    Raises:
        UsageError: there is no such source.
    """
    home.written("source", name)
    parts = {each.name: _parts_of(content_of(each.body)) for each in home.store.documents.all("source")}
    reaching = {name}
    while more := {each for each, made_of in parts.items() if made_of & reaching} - reaching:
        reaching |= more
    profiles = map(home.profile, home.names("profile"))
    return frozenset(profile.site for profile in profiles if profile.source in reaching)


def free_name(home: Home, kind: str, wanted: str) -> str:
    """A name that no document of the kind has: the wanted one, or it with a number."""
    taken = home.names(kind)
    names = (wanted, *(f"{wanted}-{number}" for number in range(2, len(taken) + 3)))
    return next(each for each in names if each not in taken)


def uploads_folder(home: Home, source: str) -> Path:
    """Where the files are kept that somebody hands over for a source; raises UsageError where its name cannot be."""
    refuse_odd_name(source)
    return home.folder / "uploads" / source


def is_plain_name(name: str) -> bool:
    """Whether a name stands for nothing else in a path or an address."""
    return bool(_NAME.fullmatch(name))


def refuse_odd_name(name: str) -> None:
    """Refuse a name that stands for something else in a path or an address.

    Raises:
        UsageError: it does.
    """
    if not is_plain_name(name):
        raise UsageError(
            f"“{name[:63]}” cannot be a name here.",
            where="name",
            remedy="Use small letters, digits, - and _, at most 63, beginning with a letter or digit, as school-2.",
            code="document-name",
        )


def _parts_of(content: dict[str, Any]) -> set[str]:
    """The sources that a source is made of."""
    if content.get("type") != "combined":
        return set()
    return {str(content.get(side, "")) for side in ("courses", "people")}
