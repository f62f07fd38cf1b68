"""The home: the folder that holds the state, the key, and the documents a school wrote."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from matricula import logs
from matricula.errors import SettingError, UsageError
from matricula.profiles import Profile, Site
from matricula.profiles.reading import Written, checked, content_of, parse_documents, read_profile, read_site
from matricula.sources import Source, Surroundings, open_source, settings_model
from matricula.store import Document, Store, Vault
from matricula.store.secrets import KEY_FILE_VARIABLE

DATABASE = "matricula.db"
KEY = "matricula.key"
DATABASE_VARIABLE = "MATRICULA_DATABASE"
"""Environment variable that holds the address of the state database, where it is not the file in the home."""


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
        kind: `site`, `source` or `profile`.
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

    def load(self, text: str, where: str, folder: Path) -> list[Saved]:
        """Take documents in, all of them or, where one has a fault, none.

        Args:
            text: YAML, one or more documents.
            where: name of the file, for messages.
            folder: what relative paths of sources are relative to.

        Raises:
            SettingError: with every fault of every document.
        """
        documents = parse_documents(text, where)
        if not documents:
            raise SettingError("The file holds no document.", where=where, remedy="See docs/profiles.md for examples.")
        _check_all(documents, where)
        with self.store.begin():
            return [
                Saved(document.kind, document.name, self.store.documents.save(document.kind, document.name, body))
                for document in documents
                for body in [document.with_path_from(folder)]
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
        return [f"{kind} {each}" for kind, wanted in named.items() for each in wanted if each not in self.names(kind)]

    def names(self, kind: str) -> list[str]:
        """Names of the documents of a kind."""
        return [document.name for document in self.store.documents.all(kind)]

    def profile(self, name: str) -> Profile:
        """A profile by its name; raises UsageError where there is none."""
        return read_profile(self._content("profile", name), f"profile {name}")

    def site(self, name: str) -> Site:
        """A site by its name; raises UsageError where there is none."""
        return read_site(self._content("site", name), f"site {name}")

    def source(self, name: str, surroundings: Surroundings | None = None) -> Source:
        """A source by its name, ready to be read; raises UsageError where there is none."""
        return open_source(_source_settings(self._content("source", name)), surroundings)

    def written(self, kind: str, name: str) -> Written:
        """A document as somebody wrote it; raises UsageError where there is none."""
        return parse_documents(self._document(kind, name).body, f"{kind} {name}")[0]

    def keep_token(self, site: str, token: str) -> None:
        """Keep a site's token, encrypted."""
        if not token.strip():
            raise UsageError("The token is empty.", where=f"site {site}", remedy="Enter the token that Moodle shows.")
        self.store.secrets.put(f"token:{site}", self.vault.encrypt(token.strip()))

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

    def _content(self, kind: str, name: str) -> dict[str, Any]:
        document = self._document(kind, name)
        return content_of(document.body)

    def _document(self, kind: str, name: str) -> Document:
        document = self.store.documents.get(kind, name)
        if document is None:
            raise self._unknown(kind, name)
        return document

    def _unknown(self, kind: str, name: str) -> UsageError:
        there = ", ".join(self.names(kind)) if kind in ("site", "source", "profile") else ""
        return UsageError(
            f"There is no {kind} named “{name}”.",
            remedy=f"There {'is' if there else 'is none yet; make one with `matricula init` or `matricula load`'}"
            f"{': ' + there if there else ''}.",
            code=f"{kind}-unknown",
        )


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
        if document.kind == "site":
            read_site(document.content, where, document.lines)
        elif document.kind == "profile":
            read_profile(document.content, where, document.lines)
        else:
            settings = _source_settings(document.content)
            checked(settings_model(settings["type"]), settings, where, document.lines)
    except SettingError as error:
        yield error


def _source_settings(content: dict[str, Any]) -> dict[str, Any]:
    """A source document as its adapter's settings; OneRoster files are meant where it does not say its type."""
    settings = {name: value for name, value in content.items() if name not in ("kind", "name")}
    return {"type": "oneroster-csv"} | settings
