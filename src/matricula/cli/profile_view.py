"""Profiles on the screen: how they stand, what is in force, and what their mappings make of records."""

import json
from collections.abc import Sequence
from datetime import date
from itertools import zip_longest
from typing import Any

from matricula.cli.changes import FEW
from matricula.cli.screen import Screen, counted
from matricula.hub.changes_told import Teller
from matricula.hub.preview import Preview
from matricula.hub.standing import Standing
from matricula.profiles.documents import Days
from matricula.profiles.effective import Setting

_STYLES = {"Held": "yellow", "Failed": "red", "Queued": "yellow", "Running": "cyan", "Done": "green"}
#: Origins stand behind values that are no longer than this.
_ASIDE = 60


def window_text(window: Days) -> str:
    """A window as `--window` takes it; `always` where both ends are open."""
    if window.start is None and window.end is None:
        return "always"
    return f"{window.start or ''}..{window.end or ''}"


def print_standings(screen: Screen, found: Sequence[Standing]) -> None:
    """Profiles as a table, with a sentence on each."""
    headers = ("profile", "site", "source", "window", "status")
    screen.table(
        headers, [(each.profile, each.site, each.source, window_text(each.window), each.status) for each in found]
    )
    screen.line()
    for each in found:
        screen.line(f"{each.profile}: {each.says}", _STYLES.get(each.status, ""), hang=2)
        if each.obstacle is not None:
            screen.line(each.obstacle.remedy, indent=2, hang=2)
        if each.overlaps:
            screen.line(f"Its window overlaps with that of {', '.join(each.overlaps)}.", "dim", indent=2, hang=2)


def standing_as_json(each: Standing) -> dict[str, Any]:
    """How a profile stands, for machines."""
    return {
        "profile": each.profile,
        "site": each.site,
        "source": each.source,
        "window": {"start": _plain(each.window.start), "end": _plain(each.window.end)},
        "status": each.status,
        "says": each.says,
        "before": each.before,
        "overlaps": each.overlaps,
        "obstacle": each.obstacle.code if each.obstacle else None,
    }


def print_settings(screen: Screen, settings: Sequence[Setting]) -> None:
    """Settings as lines of YAML, each with its origin behind it."""
    above: tuple[str | int, ...] = ()
    for setting in settings:
        *parents, name = setting.path
        entry = False
        for depth in range(_shared(above, parents), len(parents)):
            entry = isinstance(parents[depth], int)
            if not entry:
                screen.line(f"{parents[depth]}:", "bold", indent=2 * depth)
        above = tuple(parents)
        line = f"{'- ' if entry else ''}{name}: {_yaml(setting.value)}"
        depth = 2 * len(parents) - (2 if entry else 0)
        origin = f"# {origin_text(setting)}"
        if depth + len(line) + len(origin) + 2 <= screen.console.width:
            screen.line(f"{line:<{_ASIDE - depth}}  {origin}", indent=depth)
        else:
            screen.line(line, indent=depth, hang=4)
            screen.line(origin, indent=_ASIDE + 2)


def _shared(one: Sequence[object], other: Sequence[object]) -> int:
    """How many parts two paths begin with alike."""
    return next(
        (number for number, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]),
        min(len(one), len(other)),
    )


def origin_text(setting: Setting) -> str:
    """Where a setting comes from, in words."""
    if setting.origin == "written":
        return f"line {setting.line}" if setting.line else "written"
    return "default" if setting.origin == "default" else "by the basis"


def setting_as_json(setting: Setting) -> dict[str, Any]:
    """A setting for machines."""
    value = list(map(_plain, setting.value)) if isinstance(setting.value, tuple) else _plain(setting.value)
    return {"path": setting.name, "value": value, "origin": setting.origin, "line": setting.line}


def print_preview(screen: Screen, shown: Preview) -> None:
    """Records one by one: what came on the left, what Moodle is to hold on the right."""
    teller = Teller(shown.timezone)
    for record in shown.records:
        key = record.key.replace("\t", " · ")
        screen.line(f"{record.name} ({key})", "bold", hang=2)
        left = [f"{name}: {_text(value)}" for name, value in record.input.items()]
        right = [f"{name}: {teller.value(name, value)}" for name, value in record.result.items()]
        screen.table(("roster", "Moodle"), list(zip_longest(left, right, fillvalue="")))
        for note in record.notes:
            screen.line(note, "yellow", indent=2, hang=2)
        screen.line()
    rest = f", {len(shown.records):,} shown; --limit shows more" if shown.of > len(shown.records) else ""
    screen.line(f"{counted(shown.of, 'record')}{rest}.", "dim")
    if shown.left_out:
        screen.line(f"Left out until it is mended: {counted(len(shown.left_out), 'finding')}", "bold red")
        for note in shown.left_out[:FEW]:
            screen.line(note, indent=2, hang=2)


def _text(value: Any) -> str:
    return "none" if value is None or value == "" else ", ".join(value) if isinstance(value, list) else str(value)


def _yaml(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, str):
        plain = value and value == value.strip() and not set(value) & set("{}[]#:,\"'")
        return value if plain else json.dumps(value, ensure_ascii=False)
    if isinstance(value, tuple):
        return f"[{', '.join(map(_yaml, value))}]"
    return str(value)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
