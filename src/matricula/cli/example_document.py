"""A document to start from: every setting with what it is, read off its model."""

import inspect
from collections.abc import Iterator

from pydantic import BaseModel

from matricula.cli.reference_settings import rows_of


def document_of(kind: str, type_: str, model: type[BaseModel]) -> str:
    """A document as YAML: what is required stands there to be filled in, all else as comments.

    Args:
        kind: of the document, such as `source`.
        type_: what stands as `type`, and as its name.
        model: of its settings.
    """
    lines = [f"## {first_sentence(model.__doc__ or '')}", f"kind: {kind}", f"name: {type_}", f"type: {type_}"]
    return "\n".join([*lines, *_settings(model)]) + "\n"


def _settings(model: type[BaseModel]) -> Iterator[str]:
    """The lines of all settings; without their # those that do not begin with ## make YAML."""
    begun: set[str] = set()
    for path, takes, default, what in rows_of(model):
        *above, name = path.strip("`").split(".")
        if name == "type" and not above:
            continue
        yield from _opened(above, begun)
        blanks, dash = _indent(above), _dash(above, begun)
        mark = "" if default == "required" and not above else "#"
        told = "required" if default == "required" else f"else {default.strip('`')}" if default else ""
        if not above:
            yield ""
        yield f"## {blanks}{what} Takes {takes.replace('`', '')}{'; ' + told if told else ''}."
        yield f"{mark}{blanks[: -len(dash)] + dash if dash else blanks}{name.removesuffix('[]')}:"


def _indent(above: list[str]) -> str:
    return "  " * (len(above) + sum(part.endswith("[]") for part in above))


def _opened(above: list[str], begun: set[str]) -> Iterator[str]:
    """The line of an entry of a table, which has no setting of its own, where it stands for the first time."""
    path = ".".join(above)
    if above and above[-1].removesuffix("[]") == "NAME" and path not in begun:
        begun.add(path)
        yield f"#{_indent(above[:-1])}NAME:"


def _dash(above: list[str], begun: set[str]) -> str:
    """What begins an entry of a list, where the setting is the first of it."""
    path = f"{'.'.join(above)}[]"
    if not above or not above[-1].endswith("[]") or path in begun:
        return ""
    begun.add(path)
    return "- "


def first_sentence(text: str) -> str:
    """The first paragraph of a docstring, on one line."""
    return inspect.cleandoc(text).split("\n\n")[0].replace("\n", " ")
