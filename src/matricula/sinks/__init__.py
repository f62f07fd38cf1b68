"""Sinks of grades: one file or package for each kind, all with the same small protocol.

A new kind is a class with a model of its settings (its `type` names it), and a line here.
"""

from collections.abc import Mapping
from typing import Any, Final

from matricula.adapters import Adapters
from matricula.sinks.protocol import WRITES, WRITTEN, Abilities, Sink, SinkSurroundings
from matricula.sinks.settings import SinkDocument

__all__ = [
    "SINKS",
    "WRITES",
    "WRITTEN",
    "Abilities",
    "Sink",
    "SinkDocument",
    "SinkSurroundings",
    "open_sink",
    "settings_model",
]

SINKS: Final = Adapters(
    "sink",
    "matricula.sinks",
    {
        "opensis": "opensis.OpensisSink",
        "sql": "sql.SqlSink",
        "oneroster-csv": "oneroster_csv.OneRosterCsvSink",
        "spreadsheet": "spreadsheet.SpreadsheetSink",
        "oneroster-rest": "oneroster_rest.OneRosterRestSink",
    },
)
"""The classes of sinks, by the word that stands as `type` in their documents."""


def settings_model(kind: object) -> type[SinkDocument]:
    """The model of the settings of a kind of sink.

    Args:
        kind: what stands as `type`.

    Raises:
        SettingError: there is no such kind.
    """
    model: type[SinkDocument] = SINKS.of(kind).Settings
    return model


def open_sink(settings: Mapping[str, Any], surroundings: SinkSurroundings | None = None) -> Sink:
    """Make a sink of its settings, which were checked when its document was taken in.

    Args:
        settings: the settings, with `type`.
        surroundings: where it gets secrets from.

    Raises:
        SettingError: there is no such kind of sink.
    """
    model = settings_model(settings.get("type"))
    sink: Sink = SINKS[settings["type"]](model.model_validate(dict(settings)), surroundings or SinkSurroundings())
    return sink
