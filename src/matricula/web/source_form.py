"""The form of a source: what is asked of what the school has, its files, and its secrets."""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import ValidationError
from starlette.datastructures import FormData, UploadFile

from matricula.errors import SettingError
from matricula.hub.deliveries import keep_secret
from matricula.hub.home import Home
from matricula.hub.starters import Starter
from matricula.hub.uploads import Handed
from matricula.profiles.altering import as_yaml
from matricula.sources import settings_model
from matricula.web.settings_form import Entry, Shape, form_of

SECRET: Final = "secret."  # noqa: S105 - the name of a field
"""What the name of a field for a secret begins with."""
_PLAIN: Final = {
    "text": Shape.TEXT,
    "number": Shape.NUMBER,
    "choice": Shape.CHOICE,
    "lines": Shape.LINES,
    "yaml": Shape.YAML,
}


def asked_of(starter: Starter) -> tuple[Entry, ...]:
    """The fields that are asked for at first."""
    return tuple(
        Entry(
            each.path,
            each.label,
            each.says,
            _PLAIN[each.form],
            each.choices,
            required=not each.optional,
            value=each.value,
        )
        for each in starter.asked
    )


def more_of(starter: Starter) -> tuple[Entry, ...]:
    """All other settings of its type."""
    known = {each.path.partition(".")[0] for each in starter.asked} | set(starter.settings)
    known |= {"path"} if starter.files else set()
    model = settings_model(starter.type)
    return tuple(each for each in form_of(model, without=known, optional=tuple(model.model_fields)))


def whole_form(content: Mapping[str, Any]) -> tuple[Entry, ...]:
    """Every setting of a source that is there."""
    model = settings_model(content.get("type", "oneroster-csv"))
    said_by_recipe = ("base", "calls", "records") if content.get("recipe") else ()
    return form_of(model, optional=said_by_recipe)


def refuse_blank(asked: tuple[Entry, ...], sent: Mapping[str, str]) -> None:
    """Refuse what was left blank and is needed.

    Raises:
        SettingError: with each such field.
    """
    blank = [each.path for each in asked if each.required and not sent.get(each.path, "").strip()]
    if blank:
        listed = "\n".join(f"  {path}: this is needed" for path in blank)
        raise SettingError(f"The document has {len(blank)} faults:\n{listed}", where="form", code="document-refused")


def secrets_of(content: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of the secrets that a source with these settings needs; none where they are not whole yet."""
    settings = {name: value for name, value in content.items() if name not in ("kind", "name")}
    try:
        return settings_model(settings.get("type", "oneroster-csv")).model_validate(settings).secrets()
    except (ValidationError, SettingError):
        return ()


def keep_secrets(home: Home, source: str, sent: Mapping[str, str]) -> list[str]:
    """Keep the secrets that were typed in; returns their names. A blank one stays as it was."""
    needed = home.source(source).settings.secrets()
    given = {name: sent.get(SECRET + name, "").strip() for name in needed}
    for name, secret in given.items():
        if secret:
            keep_secret(home, source, name, secret)
    return [name for name, secret in given.items() if secret]


def texts_of(form: FormData) -> dict[str, str]:
    """The texts that were sent, without the files."""
    return {name: value for name, value in form.items() if isinstance(value, str)}


def files_of(form: FormData) -> list[Handed]:
    """The files that were sent."""
    found = [each for each in form.getlist("files") if isinstance(each, UploadFile)]
    return [Handed(each.filename or "", each.file) for each in found if each.filename]


def shown(value: Any) -> str:
    """A value for a person to look at."""
    return as_yaml(value) if isinstance(value, dict | list) else str(value)
