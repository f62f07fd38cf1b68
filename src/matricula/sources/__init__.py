"""Sources of rosters: one file for each kind, all with the same small protocol.

A new kind is a file with a settings model (its `kind` names it) and a class made of those settings, and a line
here in `SOURCES` and in `SourceSettings`.
"""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Protocol

from pydantic import Field, TypeAdapter, ValidationError

from matricula.errors import SettingError
from matricula.roster import Roster
from matricula.sources.oneroster_csv import OneRosterCsv, OneRosterCsvSettings

__all__ = ["SOURCES", "OneRosterCsv", "OneRosterCsvSettings", "Source", "SourceSettings", "open_source"]


class Source(Protocol):
    """Where rosters come from."""

    def read(self) -> Roster:
        """Read the roster as it is now.

        Raises:
            MatriculaError: nothing usable can be read; the message says why and what mends it.
        """
        ...


SOURCES: dict[str, Callable[[Any], Source]] = {"oneroster-csv": OneRosterCsv}
"""What makes a source of its settings, by kind."""

SourceSettings = Annotated[OneRosterCsvSettings, Field(discriminator="kind")]
"""The settings of any kind of source, told apart by `kind`."""

_SETTINGS: TypeAdapter[OneRosterCsvSettings] = TypeAdapter(SourceSettings)


def open_source(document: Mapping[str, Any]) -> Source:
    """Make a source of its settings.

    Args:
        document: the settings, with `kind`.

    Raises:
        SettingError: a setting is missing, unknown or of the wrong type.
    """
    try:
        settings = _SETTINGS.validate_python(dict(document))
    except ValidationError as error:
        raise _setting_error(error) from error
    return SOURCES[settings.kind](settings)


def _setting_error(error: ValidationError) -> SettingError:
    first = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    return SettingError(
        f"{first['msg']}.",
        where=f"source, {place}" if place else "source",
        remedy=f"Kinds of source are: {', '.join(SOURCES)}. Mend the setting and start again.",
        code="source-setting",
    )
