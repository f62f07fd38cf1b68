"""Plugins for Moodle: what each adds, its zip, how it is installed, and which site has which."""

from fastapi import APIRouter
from starlette.responses import Response

from matricula.hub.moodle_plugins import moodle_plugin, moodle_plugins
from matricula.service.permissions import May
from matricula.web.plugins_told import plugins_on_sites
from matricula.web.visit import Visit, needs

router = APIRouter()


@router.get("/plugins", name="plugins")
def overview(visit: Visit = needs(May.SEE)) -> Response:
    """The plugins there are."""
    return visit.page(
        "plugins", plugins=moodle_plugins(), sites=plugins_on_sites(visit), may_take=visit.may(May.OPERATE, "")
    )


@router.get("/plugins/{plugin}.zip")
def taken(plugin: str, visit: Visit = needs(May.OPERATE)) -> Response:  # noqa: ARG001
    """A plugin as a zip."""
    return zip_of(plugin)


def zip_of(name: str) -> Response:
    """A plugin as Moodle's installer takes it.

    Raises:
        UsageError: there is no such plugin.
    """
    plugin = moodle_plugin(name)
    headers = {"content-disposition": f'attachment; filename="{plugin.file_name}"', "cache-control": "no-store"}
    return Response(plugin.packed(), media_type="application/zip", headers=headers)
