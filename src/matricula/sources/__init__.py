"""Sources of rosters: one file for each kind, all with the same small protocol.

A new kind is a file with a model of its settings (its `type` names it) and a class made of those, and a line here.
"""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import ValidationError

from matricula.adapters import Adapters
from matricula.errors import SettingError
from matricula.sources.protocol import Source, Surroundings
from matricula.sources.settings import SourceDocument

__all__ = ["SOURCES", "Source", "SourceDocument", "Surroundings", "open_source", "settings_model"]

SOURCES: Final = Adapters(
    "source",
    "matricula.sources",
    {
        "oneroster-csv": "oneroster_csv.OneRosterCsv",
        "oneroster-rest": "oneroster_rest.OneRosterRest",
        "rest": "rest.Rest",
        "sql": "sql.Sql",
        "tables": "tables.Tables",
        "ldap": "ldap.Ldap",
        "combined": "combined.Combined",
    },
)
"""The classes of sources, by the word that stands as `type` in their documents."""


def settings_model(kind: object) -> type[SourceDocument]:
    """The model of the settings of a kind of source.

    Args:
        kind: what stands as `type`.

    Raises:
        SettingError: there is no such kind.
    """
    model: type[SourceDocument] = SOURCES.of(kind).Settings
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
