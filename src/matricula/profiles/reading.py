"""Reading documents from YAML: every fault at once, with its place and what may stand there."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from matricula.errors import SettingError
from matricula.profiles.documents import Import, Profile, ServiceSettings, Site, Tool
from matricula.profiles.faults import Fault, Lines, faults_of, lines_of
from matricula.profiles.outline import is_model, step
from matricula.profiles.rewriting import Order, restated

Model = TypeVar("Model", bound=BaseModel)
KINDS = ("site", "source", "profile", "sink", "tool", "import", "service")
#: Models of the documents that have one alone; each kind of source and of sink has its own.
MODELS: Mapping[str, type[BaseModel]] = MappingProxyType(
    {"site": Site, "profile": Profile, "tool": Tool, "import": Import, "service": ServiceSettings}
)
#: Lines of a document of which none are known.
NOWHERE: Lines = MappingProxyType({})


@dataclass(frozen=True)
class Written:
    """One document as somebody wrote it.

    Args:
        kind: one of `KINDS`.
        name: its name.
        body: its YAML text, comments kept.
        content: its values.
        lines: the line of the file on which each setting stands, by path.
    """

    kind: str
    name: str
    body: str
    content: dict[str, Any]
    lines: Lines

    def with_path_from(self, folder: Path) -> str:
        """The text, its `path` made absolute: a relative one is meant from the folder of the document."""
        if not isinstance(self.content.get("path"), str) or Path(self.content["path"]).is_absolute():
            return self.body
        yaml = _yaml()
        content = yaml.load(self.body)
        content["path"] = str((folder / self.content["path"]).resolve())
        text = io.StringIO()
        yaml.dump(content, text)
        return text.getvalue()


def parse_documents(text: str, where: str) -> list[Written]:
    """Divide a YAML text into its documents.

    Args:
        text: one or more YAML documents, divided by `---`.
        where: name of the file, for messages.

    Raises:
        SettingError: the text is not YAML, a document lacks its kind or name, or two have the same.
    """
    yaml = _yaml()
    try:
        contents = [content for content in yaml.load_all(text) if content is not None]
    except YAMLError as error:
        mark = error.problem_mark if isinstance(error, MarkedYAMLError) else None
        place = f"{where}, line {mark.line + 1}, column {mark.column + 1}" if mark else where
        problem = error.problem if isinstance(error, MarkedYAMLError) else str(error)
        raise SettingError(
            f"This is not YAML: {problem}.",
            where=place,
            remedy="Mend the line (spaces, colons, quotes).",
            code="not-yaml",
        ) from error
    documents = [_written(yaml, content, where) for content in contents]
    named = [(document.kind, document.name) for document in documents]
    twice = next((pair for number, pair in enumerate(named) if pair in named[:number]), None)
    if twice:
        raise SettingError(
            f"The {' '.join(twice)} stands there twice.",
            where=where,
            remedy="Give each document a name of its own, or take one of the two out.",
            code="document-twice",
        )
    return documents


def rewritten(body: str, settings: Mapping[str, Any]) -> str:
    """A document's text with some of its settings set anew, and all else, comments too, as it was.

    Args:
        body: the text.
        settings: values by name; `name` is the document's own name.
    """
    content = content_of(body)
    return restated(body, {**content, **settings}, order_of(MODELS.get(content.get("kind", ""), Profile)))


def order_of(model: type[BaseModel]) -> Order:
    """The settings there are at each path of a document, for `restated`."""

    def order(path: tuple[str | int, ...]) -> tuple[str, ...]:
        found: Any = model
        for part in path:
            found = step(found, part)
        return tuple(found.model_fields) if is_model(found) else ()

    return order


def content_of(body: str) -> dict[str, Any]:
    """The values of a document that was taken in before, so that it is known to be whole."""
    content: dict[str, Any] = YAML(typ="safe").load(body)
    return content


def read_site(content: dict[str, Any], where: str, lines: Lines = NOWHERE) -> Site:
    """A site document from its values; raises SettingError with all faults."""
    return checked(Site, content, where, lines)


def read_profile(content: dict[str, Any], where: str, lines: Lines = NOWHERE) -> Profile:
    """A profile document from its values; raises SettingError with all faults."""
    return checked(Profile, content, where, lines)


def read_service(content: dict[str, Any], where: str, lines: Lines = NOWHERE) -> ServiceSettings:
    """The service document from its values; raises SettingError with all faults."""
    return checked(ServiceSettings, content, where, lines)


def checked(model: type[Model], content: dict[str, Any], where: str, lines: Lines = NOWHERE) -> Model:
    """Values as a document's model.

    Args:
        model: the model.
        content: the values.
        where: name of the document, for messages.
        lines: lines of the settings, as far as they are known.

    Raises:
        SettingError: with every fault: its path, what came and what may stand there.
    """
    try:
        return model.model_validate(content, context={})
    except ValidationError as error:
        faults = faults_of(error, model, content, lines)
        listed = "\n".join(f"  {fault}" for fault in faults)
        raise SettingError(
            f"The document has {len(faults)} {'fault' if len(faults) == 1 else 'faults'}:\n{listed}",
            where=where,
            remedy="Mend them and load the document again; docs/reference/settings.md lists every setting.",
            code="document-refused",
        ) from error


def profile_faults(content: Mapping[str, Any], lines: Lines = NOWHERE) -> list[Fault]:
    """Everything that is wrong with the values of a profile; nothing where they are one."""
    try:
        Profile.model_validate(content, context={})
    except ValidationError as error:
        return faults_of(error, Profile, content, lines)
    return []


def _yaml() -> YAML:
    """YAML that keeps comments, quotes and long lines as they were written."""
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 100_000
    return yaml


def _written(yaml: YAML, content: Any, where: str) -> Written:
    kind, name = (content.get("kind"), content.get("name")) if isinstance(content, dict) else (None, None)
    if kind not in KINDS or not isinstance(name, str):
        raise SettingError(
            f"A document says “kind: {kind}”, “name: {name}”.",
            where=where,
            remedy=f"Every document begins with “kind:” (one of {', '.join(KINDS)}) and “name:”.",
            code="document-without-kind",
        )
    body = io.StringIO()
    yaml.dump(content, body)
    plain = YAML(typ="safe").load(body.getvalue())
    return Written(kind, name, body.getvalue(), plain, dict(lines_of(content)))
