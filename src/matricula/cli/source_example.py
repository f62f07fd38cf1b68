"""A document to start from for a kind of source: every setting with what it is, read off its model."""

import inspect
from collections.abc import Iterator

from matricula.cli.reference_settings import rows_of
from matricula.sources import SOURCES, settings_model


def kinds() -> dict[str, str]:
    """The kinds of source, each with a sentence on what it reads."""
    return {kind: _first_sentence(source.Settings.__doc__ or "") for kind, source in SOURCES.items()}


def example_of(kind: str) -> str:
    """A source document of a kind as YAML: what is required stands there to be filled in, all else as comments.

    Args:
        kind: what stands as `type`.

    Raises:
        SettingError: there is no such kind.
    """
    model = settings_model(kind)
    lines = [f"# {_first_sentence(model.__doc__ or '')}", "kind: source", f"name: {kind}", f"type: {kind}"]
    return "\n".join([*lines, *_settings(kind)]) + "\n"


def _settings(kind: str) -> Iterator[str]:
    for path, takes, default, what in rows_of(settings_model(kind)):
        name = path.strip("`")
        if name == "type":
            continue
        plain = takes.replace("`", "")
        told = "required" if default == "required" else f"else {default.strip('`')}" if default else ""
        yield ""
        yield f"# {what} Takes {plain}{'; ' + told if told else ''}."
        within = "." in name or "[]" in name
        yield f"{'' if told == 'required' and not within else '#'}{name}:"


def _first_sentence(text: str) -> str:
    return inspect.cleandoc(text).split("\n\n")[0].replace("\n", " ")
