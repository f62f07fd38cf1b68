"""Every route of the console and the API, with what it needs of whoever asks: read off the application itself."""

from collections.abc import Iterator
from dataclasses import dataclass

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts
from starlette.routing import Mount

from matricula.web.visit import Needs

PUBLIC = "everybody"
SIGNED_IN = "signed in"


@dataclass(frozen=True, order=True)
class Shown:
    """A route.

    Args:
        path: its path.
        method: its method.
        needs: `everybody`, `signed in`, or a permission.
    """

    path: str
    method: str
    needs: str


def routes_of(app: FastAPI) -> list[Shown]:
    """Every route of an application, by path; files that come with the package are one."""
    found = []
    for route in iter_route_contexts(app.routes):
        if isinstance(route.original_route, Mount):
            found.append(Shown(f"{route.original_route.path}/{{file}}", "GET", PUBLIC))
            continue
        dependant = getattr(route, "dependant", None)
        needs = next(_needs_of(dependant), PUBLIC) if dependant is not None else PUBLIC
        found += [Shown(route.path or "", method, needs) for method in sorted(route.methods or ()) if method != "HEAD"]
    return sorted(found)


def _needs_of(dependant: Dependant) -> Iterator[str]:
    for each in dependant.dependencies:
        if isinstance(each.call, Needs):
            yield SIGNED_IN if each.call.what is None else each.call.what.value
        yield from _needs_of(each)
