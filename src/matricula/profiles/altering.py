"""Documents with some of their settings set anew: all else, comments too, stays as somebody wrote it."""

import io
from collections.abc import Mapping, MutableMapping
from typing import Any, Final

from ruamel.yaml import YAML


class Unset:
    """Says of a setting that it is to be taken out of the document."""


UNSET: Final = Unset()
Values = Mapping[str, Any]


def altered(body: str, values: Values) -> str:
    """A document's text with settings set or taken out.

    Args:
        body: the text.
        values: values by path, as `url` or `mail.host`; `UNSET` takes a setting out, and a table that is left empty by
            that with it.
    """
    yaml = _yaml()
    content = yaml.load(body)
    for path, value in values.items():
        _set(content, path.split("."), value)
    return _text(yaml, content)


def document(kind: str, name: str, values: Values) -> str:
    """A new document's text.

    Args:
        kind: its kind.
        name: its name.
        values: values by path, as in `altered`.
    """
    yaml = _yaml()
    content = yaml.map()
    content.update({"kind": kind, "name": name})
    for path, value in values.items():
        if not isinstance(value, Unset):
            _set(content, path.split("."), value)
    return _text(yaml, content)


def as_yaml(value: Any) -> str:
    """A value alone as YAML, for somebody to edit; empty where there is none."""
    if value in (None, "", (), [], {}):
        return ""
    return _text(_yaml(), value)


def _set(content: MutableMapping[str, Any], path: list[str], value: Any) -> None:
    name, below = path[0], path[1:]
    if below:
        inner = content.get(name)
        if not isinstance(inner, MutableMapping):
            if isinstance(value, Unset):
                return
            inner = content[name] = {}
        _set(inner, below, value)
        if not inner:
            del content[name]
    elif isinstance(value, Unset):
        content.pop(name, None)
    elif name not in content or content[name] != value:
        content[name] = value


def _yaml() -> YAML:
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 100_000
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


def _text(yaml: YAML, content: Any) -> str:
    text = io.StringIO()
    yaml.dump(content, text)
    return text.getvalue()
