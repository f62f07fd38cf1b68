"""Which of Matricula's plugins a site has, beside those that come with Matricula."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from matricula.errors import MatriculaError
from matricula.hub.home import Home
from matricula.hub.moodle_plugins import moodle_plugins

Seen = dict[str, dict[str, Any]]
"""By the plugins' names: `version`, and `enabled` where a plugin can be switched off."""


@dataclass(frozen=True)
class Standing:
    """How a plugin stands on a site.

    Args:
        name: its component.
        version: the one that the site has; None where it has none.
        enabled: whether it is switched on there.
        newest: the one that comes with Matricula.
    """

    name: str
    version: int | None
    enabled: bool
    newest: int

    @property
    def newer(self) -> bool:
        """Whether a newer one than the site's comes with Matricula."""
        return self.version is not None and self.version < self.newest


def plugins_seen(home: Home, site: str) -> Seen:
    """What a site tells of its plugins (`local_matricula_get_site`); nothing where it has none or does not tell.

    Args:
        home: the home.
        site: the site's name.
    """
    try:
        with home.client(home.site(site)) as moodle:
            if not moodle.plugin.there:
                return {}
            found = moodle.plugin.about().plugins
    except MatriculaError:
        return {}
    return {name: {"version": each.version, "enabled": each.enabled} for name, each in found.items()}


def standings(seen: Mapping[str, Mapping[str, Any]]) -> list[Standing]:
    """How each of Matricula's plugins stands on a site.

    Args:
        seen: what `plugins_seen` found.
    """
    lines = []
    for plugin in moodle_plugins():
        told = seen.get(plugin.name)
        version = int(told["version"]) if told else None
        lines.append(Standing(plugin.name, version, bool(told and told.get("enabled", True)), plugin.version))
    return lines
