"""Which site an address of the console is about: by its own name, or through a profile, plan, tool, source or sink."""

from collections.abc import Mapping
from typing import Any

from matricula.errors import UsageError
from matricula.hub.documents import sites_of_source
from matricula.hub.sinks import sites_of_sink
from matricula.service import Service
from matricula.store.accounts import ALL_SITES


def sites_of_path(service: Service, parts: Mapping[str, Any]) -> tuple[str, ...]:
    """The sites that an address is about: the one that it names, and all that a source or a sink in it concerns.

    Args:
        service: the service.
        parts: parts of the path by name.

    Returns:
        the sites; `ALL_SITES` among them for a source or a sink that no profile names yet: it may come to concern any.

    Raises:
        UsageError: there is nothing of this name or number.
    """
    named = site_of_path(service, parts)
    found = {named} if named else set()
    for name, find in _SEVERAL.items():
        if name in parts:
            found |= find(service.home, str(parts[name])) or {ALL_SITES}
    return tuple(sorted(found))


def site_of_path(service: Service, parts: Mapping[str, Any]) -> str:
    """The site that an address names; empty where it names none.

    Args:
        service: the service.
        parts: parts of the path by name; `site`, `profile`, `plan`, `run`, `job` and `tool` count.

    Raises:
        UsageError: there is nothing of this name or number.
    """
    for name, find in _FINDERS.items():
        if name in parts:
            return find(service, str(parts[name]))
    return ""


def _of_site(service: Service, name: str) -> str:
    return service.home.site(name).name


def _of_profile(service: Service, name: str) -> str:
    return service.home.profile(name).site


def _of_plan(service: Service, number: str) -> str:
    return service.store.plans.get(_number(number, "plan")).site


def _of_run(service: Service, number: str) -> str:
    return service.store.runs.get(_number(number, "run")).site


def _of_job(service: Service, number: str) -> str:
    return service.jobs.get(_number(number, "job")).site


def nothing_there(parts: Mapping[str, Any]) -> UsageError | None:
    """What is said where there is nothing of this name or number, or nothing that the visitor may know of.

    Args:
        parts: parts of the path by name.
    """
    for name in (*_FINDERS, *_SEVERAL):
        if name in parts:
            told = f"There is no {name} {str(parts[name])[:60]}."
            return UsageError(told, remedy="Go on from the overview.", code=f"{name}-unknown")
    return None


def _of_tool(service: Service, name: str) -> str:
    return service.home.tool(name).site


_FINDERS = {
    "tool": _of_tool,
    "site": _of_site,
    "profile": _of_profile,
    "plan": _of_plan,
    "run": _of_run,
    "job": _of_job,
}
_SEVERAL = {"source": sites_of_source, "sink": sites_of_sink}


def _number(text: str, what: str) -> int:
    if not text.isdigit() or len(text) > 18:
        raise UsageError(f"There is no {what} {text[:30]}.", code=f"{what}-unknown")
    return int(text)
