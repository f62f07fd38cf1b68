"""Maps that come with Matricula: `sources/layouts/NAME.yaml`, written as a school writes its own."""

from functools import cache
from importlib.resources import files
from typing import Any

from ruamel.yaml import YAML

from matricula.sources.tables.settings import Part, TablesSettings


@cache
def layout(name: str) -> tuple[Part, ...]:
    """The parts of a layout.

    Args:
        name: as it stands in settings.
    """
    text = files("matricula.sources").joinpath("layouts", f"{name}.yaml").read_text(encoding="utf-8")
    content: dict[str, Any] = YAML(typ="safe", pure=True).load(text)
    return TablesSettings.model_validate({"path": ".", **content}).files


def parts_of(settings: TablesSettings) -> tuple[Part, ...]:
    """The parts of a source: those of its layout, where files of its own take the place of those of the same name."""
    own = {part.file.casefold() for part in settings.files}
    known = () if settings.layout == "none" else layout(settings.layout)
    return (*(part for part in known if part.file.casefold() not in own), *settings.files)
