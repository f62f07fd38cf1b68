"""The home: the folder that holds the state, the key, and the documents a school wrote."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Self

from matricula import logs, sinks
from matricula.errors import SettingError, UsageError
from matricula.hub.persons import person
from matricula.moodle import Moodle
from matricula.profiles import Profile, Site
from matricula.profiles.documents import Import, ServiceSettings, Tool
from matricula.profiles.reading import (
    KINDS,
    MODELS,
    Written,
    checked,
    content_of,
    parse_documents,
    read_profile,
    read_service,
    read_site,
)
from matricula.sinks import Sink, SinkSurroundings
from matricula.sources import Source, Surroundings, open_source, settings_model
from matricula.store import Document, Store, Vault
from matricula.store.secrets import KEY_FILE_VARIABLE

DATABASE = "matricula.db"
KEY = "matricula.key"
DATABASE_VARIABLE = "MATRICULA_DATABASE"
"""Environment variable that holds the address of the state database, where it is not the file in the home."""
_KEPT = "secret:"


def default_home() -> Path:
    """`MATRICULA_HOME`, else `.matricula` in the user's own folder."""
    return Path(os.environ.get("MATRICULA_HOME") or Path.home() / ".matricula")


def key_path(folder: Path) -> Path:
    """Where the key file of a home is: the one that `MATRICULA_KEY_FILE` names, else the one in its folder."""
    named = os.environ.get(KEY_FILE_VARIABLE)
    return Path(named).expanduser() if named else folder / KEY


def state_address(folder: Path) -> Path | str:
    """Where the state of a home is: the address in `MATRICULA_DATABASE`, else the file in its folder."""
    return os.environ.get(DATABASE_VARIABLE) or folder / DATABASE


@dataclass(frozen=True)
class Saved:
    """A document that was taken in.

    Args:
        kind: one of `KINDS`.
        name: its name.
        revision: counts from 1; a document loaded again unchanged keeps its revision.
    """

    kind: str
    name: str
    revision: int


class Home:
    """An open home. Use it as a context manager.

    Args:
        folder: the folder; it must have been made by `Home.make`.

    Raises:
        SettingError: there is no home in the folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        address = state_address(folder)
        if isinstance(address, Path) and not address.exists():
            raise SettingError(
                "There is no Matricula here.",
                where=str(folder),
                remedy="Make one with `matricula init`, or name another folder with --home or MATRICULA_HOME.",
                code="no-home",
            )
        self.vault = Vault(key_path(folder))
        self.store = Store.open(address)

    @classmethod
    def make(cls, folder: Path) -> "Home":
        """Make a home: folder (closed to others), key and empty state. One that is there is opened as it is."""
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise SettingError(
                f"The folder cannot be made: {error.strerror}.",
                where=str(folder),
                remedy="Name a folder that you may write to, with --home or MATRICULA_HOME.",
                code="home-not-writable",
            ) from error
        Vault.create(key_path(folder))
        Store.open(state_address(folder)).close()
        return cls(folder)

    @property
    def key_beside_state(self) -> bool:
        """Whether whoever copies the folder of the state has the key, too."""
        address = state_address(self.folder)
        path = self.vault.key_path
        return (
            not self.vault.in_environment
            and isinstance(address, Path)
            and path.parent.resolve() == address.parent.resolve()
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.store.close()

    def load(self, text: str, where: str, folder: Path, *, after: int | None = None) -> list[Saved]:
        """Take documents in, all of them or, where one has a fault, none.

        Args:
            text: YAML, one or more documents.
            where: name of the file, for messages.
            folder: what relative paths of sources are relative to.
            after: the revision that the text of one document was made from, 0 for none; by default whichever is there.

        Raises:
            SettingError: with every fault of every document.
            StopError: another revision was saved in between.
        """
        documents = parse_documents(text, where)
        if not documents:
            raise SettingError("The file holds no document.", where=where, remedy="See docs/profiles.md for examples.")
        _check_all(documents, where)
        with self.store.begin():
            return [
                Saved(
                    document.kind,
                    document.name,
                    self.store.documents.save(
                        document.kind, document.name, document.with_path_from(folder), by=person(), after=after
                    ),
                )
                for document in documents
            ]

    def dump(self, kind: str | None = None, name: str | None = None) -> str:
        """Documents as YAML, comments kept; secrets are never among them.

        Raises:
            UsageError: there is no such document.
        """
        found = [document for document in self.store.documents.all(kind) if name in (None, document.name)]
        if name is not None and not found:
            raise self._unknown(kind or "document", name)
        return "---\n".join(document.body for document in found)

    def unmet(self, name: str) -> list[str]:
        """What a profile names and nobody has loaded yet, as `source sis`."""
        profile = self.profile(name)
        named = {"source": [profile.source], "site": [profile.site], "profile": list(profile.beside)}
        named |= {"sink": [profile.grades.sink]} if profile.grades.sink else {}
        return [f"{kind} {each}" for kind, wanted in named.items() for each in wanted if each not in self.names(kind)]

    def names(self, kind: str) -> list[str]:
        """Names of the documents of a kind."""
        return [document.name for document in self.store.documents.all(kind)]

    def profile(self, name: str) -> Profile:
        """A profile by its name; raises UsageError where there is none."""
        return _profile_of(self._document("profile", name).body, name)

    def profiles(self, *, readable: bool = False) -> list[Profile]:
        """All profiles, by name.

        Args:
            readable: whether those that cannot be read, as after an upgrade that refuses them, are left out.
        """
        found = []
        for each in self.store.documents.all("profile"):
            try:
                found.append(_profile_of(each.body, each.name))
            except SettingError:
                if not readable:
                    raise
        return found

    def site(self, name: str) -> Site:
        """A site by its name; raises UsageError where there is none."""
        return read_site(self._content("site", name), f"site {name}")

    def service(self) -> ServiceSettings:
        """How the service is reached, signed on to and tells people; all defaults where no document says so."""
        document = self.store.documents.get("service", "service")
        return _service_of(document.body) if document else ServiceSettings()

    def source(self, name: str, surroundings: Surroundings | None = None) -> Source:
        """A source by its name, ready to be read; raises UsageError where there is none."""
        return open_source(_source_settings(self._content("source", name)), surroundings)

    def sink(self, name: str, surroundings: SinkSurroundings | None = None) -> Sink:
        """A sink by its name, ready to be written to; raises UsageError where there is none."""
        return sinks.open_sink(_settings_alone(self._content("sink", name)), surroundings)

    def tool(self, name: str) -> Tool:
        """A learning tool by its name; raises UsageError where there is none."""
        return checked(Tool, self._content("tool", name), f"tool {name}")

    def importing(self, name: str) -> Import:
        """An import by its name; raises UsageError where there is none."""
        return checked(Import, self._content("import", name), f"import {name}")

    def written(self, kind: str, name: str) -> Written:
        """A document as somebody wrote it; raises UsageError where there is none."""
        return parse_documents(self._document(kind, name).body, f"{kind} {name}")[0]

    def keep_token(self, site: str, token: str) -> None:
        """Keep a site's token, encrypted."""
        if not token.strip():
            raise UsageError("The token is empty.", where=f"site {site}", remedy="Enter the token that Moodle shows.")
        self.store.secrets.put(f"token:{site}", self.vault.encrypt(token.strip()))

    def client(self, site: Site) -> Moodle:
        """A client of a site, as its document says; whoever asks for it closes it.

        Raises:
            SettingError: there is no token.
            NotMoodle: the address is none.
        """
        return Moodle(str(site.url), self.token(site), timeout=site.timeout, callers=site.callers, plugins=site.plugins)

    def token(self, site: Site) -> str:
        """A site's token: from the environment variable its document names, else the one kept here.

        Raises:
            SettingError: there is none.
        """
        if site.token_env:
            token = logs.hide(os.environ.get(site.token_env, "").strip())
            if not token:
                raise SettingError(
                    f"The environment variable {site.token_env} is not set.",
                    where=f"site {site.name}",
                    remedy="Set it to the site's token, or take token_env out of the site document.",
                    code="token-missing",
                )
            return token
        kept = self.store.secrets.get(f"token:{site.name}")
        if kept is None:
            raise SettingError(
                "No token is known.",
                where=f"site {site.name}",
                remedy=f"Enter it with `matricula token {site.name}`; Moodle shows it under Site administration > "
                "Server > Web services > Manage tokens.",
                code="token-missing",
            )
        return self.vault.decrypt(kept)

    def forget_token(self, site: str) -> None:
        """Forget the token of a site that is kept here."""
        self.store.secrets.remove(f"token:{site}")

    def has_token(self, site: Site) -> bool:
        """Whether a site's token is known."""
        if site.token_env:
            return bool(os.environ.get(site.token_env, "").strip())
        return self.store.secrets.get(f"token:{site.name}") is not None

    def has_secret(self, name: str) -> bool:
        """Whether a secret that the service document names is kept."""
        return self.store.secrets.get(f"secret:{name}") is not None

    def keep_secret(self, name: str, secret: str) -> None:
        """Keep a secret that the service document names, encrypted."""
        if not secret.strip():
            raise UsageError("The secret is empty.", where=f"secret {name}", remedy="Enter what the other side gave.")
        self.store.secrets.put(f"{_KEPT}{name}", self.vault.encrypt(secret.strip()))

    def secret(self, name: str) -> str:
        """A secret that the service document names.

        Raises:
            SettingError: it is not kept here.
        """
        kept = self.store.secrets.get(f"{_KEPT}{name}")
        if kept is None:
            raise SettingError(
                f"The secret “{name}” is not known.",
                where="service",
                remedy=f"Enter it with `matricula secret set {name}`, or in the console under Settings.",
                code="secret-missing",
            )
        return self.vault.decrypt(kept)

    def kept_secrets(self) -> dict[str, datetime]:
        """When each secret that was kept for the service document was last kept, by name."""
        saved = self.store.secrets.saved(_KEPT)
        return {name.removeprefix(_KEPT): at for name, at in saved.items()}

    def remove_secret(self, name: str) -> None:
        """Remove a secret that was kept for the service document.

        Raises:
            UsageError: there is none of this name.
        """
        if not self.store.secrets.remove(f"{_KEPT}{name}"):
            raise UsageError(
                f"No secret “{name}” is kept.",
                remedy="`matricula secret list` names those that are.",
                code="secret-unknown",
            )

    def _content(self, kind: str, name: str) -> dict[str, Any]:
        document = self._document(kind, name)
        return content_of(document.body)

    def _document(self, kind: str, name: str) -> Document:
        document = self.store.documents.get(kind, name)
        if document is None:
            raise self._unknown(kind, name)
        return document

    def _unknown(self, kind: str, name: str) -> UsageError:
        there = ", ".join(self.names(kind)) if kind in KINDS else ""
        return UsageError(
            f"There is no {kind} named “{name}”.",
            remedy=f"There {'is' if there else 'is none yet; make one with `matricula init` or `matricula load`'}"
            f"{': ' + there if there else ''}.",
            code=f"{kind}-unknown",
        )


# Pages of the console read the same few documents over and over; the models cannot be altered.
@lru_cache(maxsize=4096)
def _profile_of(body: str, name: str) -> Profile:
    return read_profile(content_of(body), f"profile {name}")


@lru_cache(maxsize=2)
def _service_of(body: str) -> ServiceSettings:
    return read_service(content_of(body), "service")


def _check_all(documents: list[Written], where: str) -> None:
    refused = [error for each in documents for error in _refusals(each, f"{where}, {each.kind} {each.name}")]
    if len(refused) == 1:
        raise refused[0]
    if refused:
        raise SettingError(
            f"{len(refused)} documents are refused.\n" + "\n".join(f"{error.where}: {error.what}" for error in refused),
            where=where,
            remedy="Mend them and load the file again; docs/reference/settings.md lists every setting.",
            code="document-refused",
        )


def _refusals(document: Written, where: str) -> Iterator[SettingError]:
    try:
        if document.kind in MODELS:
            checked(MODELS[document.kind], document.content, where, document.lines)
        elif document.kind == "sink":
            settings = _settings_alone(document.content)
            checked(sinks.settings_model(settings.get("type")), settings, where, document.lines)
        else:
            settings = _source_settings(document.content)
            checked(settings_model(settings["type"]), settings, where, document.lines)
    except SettingError as error:
        yield error


def _source_settings(content: dict[str, Any]) -> dict[str, Any]:
    """A source document as its adapter's settings; OneRoster files are meant where it does not say its type."""
    return {"type": "oneroster-csv"} | _settings_alone(content)


def _settings_alone(content: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in content.items() if name not in ("kind", "name")}
