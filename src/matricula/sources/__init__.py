"""Sources of rosters: one file for each kind, all with the same small protocol.

A new kind is a file with a model of its settings (its `type` names it) and a class made of those, and a line here.
"""

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

from pydantic import ValidationError

from matricula.errors import SettingError
from matricula.sources.protocol import Source, Surroundings
from matricula.sources.settings import SourceDocument

__all__ = ["SOURCES", "Source", "SourceDocument", "Surroundings", "open_source", "settings_model"]

_CLASSES = {
    "oneroster-csv": "oneroster_csv.OneRosterCsv",
    "oneroster-rest": "oneroster_rest.OneRosterRest",
    "rest": "rest.Rest",
    "sql": "sql.Sql",
    "tables": "tables.Tables",
    "ldap": "ldap.Ldap",
    "combined": "combined.Combined",
}


class _Sources(Mapping[str, type[Any]]):
    """The classes of sources by kind; a module is loaded when its kind is asked for, since each brings libraries."""

    def __getitem__(self, kind: str) -> type[Any]:
        module, _, name = _CLASSES[kind].partition(".")
        found: type[Any] = getattr(import_module(f"matricula.sources.{module}"), name)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(_CLASSES)

    def __len__(self) -> int:
        return len(_CLASSES)


SOURCES: Mapping[str, type[Any]] = _Sources()
"""The classes of sources, by the word that stands as `type` in their documents."""


def settings_model(kind: object) -> type[SourceDocument]:
    """The model of the settings of a kind of source.

    Args:
        kind: what stands as `type`.

    Raises:
        SettingError: there is no such kind.
    """
    if not isinstance(kind, str) or kind not in _CLASSES:
        raise SettingError(
            f"There is no kind of source “{kind}”.",
            where="source, type",
            remedy=f"Kinds of source are: {', '.join(SOURCES)}.",
            code="source-type",
        )
    model: type[SourceDocument] = SOURCES[kind].Settings
    return model


def open_source(settings: Mapping[str, Any], surroundings: Surroundings | None = None) -> Source:
    """Make a source of its settings.

    Args:
        settings: the settings, with `type`.
        surroundings: where it gets secrets and other sources from.

    Raises:
        SettingError: a setting is missing, unknown or of the wrong type.
    """
    model = settings_model(settings.get("type"))
    try:
        read = model.model_validate(dict(settings))
    except ValidationError as error:
        raise _setting_error(error) from error
    source: Source = SOURCES[settings["type"]](read, surroundings or Surroundings())
    return source


def _setting_error(error: ValidationError) -> SettingError:
    first = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    return SettingError(
        f"{first['msg']}.",
        where=f"source, {place}" if place else "source",
        remedy="Mend the setting; docs/reference/settings.md lists every one.",
        code="source-setting",
    )
