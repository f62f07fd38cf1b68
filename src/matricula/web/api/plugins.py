"""Plugins for Moodle: which there are, on which site which is, and each as a zip."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.responses import Response

from matricula.hub.moodle_plugins import moodle_plugins
from matricula.service.permissions import May
from matricula.web.api.shapes import Shape
from matricula.web.pages.plugins import zip_of
from matricula.web.plugins_told import plugins_on_sites
from matricula.web.visit import Visit, needs

router = APIRouter(tags=["plugins"])


class PluginOnSiteShape(BaseModel):
    """A plugin on a site, as the last check of the site found it."""

    site: str = Field(description="The site.")
    version: int | None = Field(description="The version that it has; null where it has none.")
    enabled: bool = Field(description="Whether it is switched on there.")
    newer: bool = Field(description="Whether a newer one comes with Matricula.")
    at: datetime = Field(description="When the site was looked at.")


class PluginShape(Shape):
    """A plugin for Moodle that comes with Matricula."""

    name: str = Field(description="Its component, such as `local_matricula`.")
    version: int = Field(description="Its version, as Moodle compares it.")
    release: str = Field(description="Its version for people.")
    oldest: str = Field(description="The oldest Moodle that it is made for.")
    newest: str = Field(description="The newest Moodle that it is made for.")
    what_for: str = Field(description="What it adds.")
    sites: list[PluginOnSiteShape] = Field(description="The sites that were looked at.")


@router.get("/plugins")
def plugins(visit: Visit = needs(May.SEE)) -> list[PluginShape]:
    """The plugins there are, and on which site which was found."""
    looked = plugins_on_sites(visit)
    return [
        PluginShape.of(
            plugin,
            what_for=plugin.what_for,
            sites=[
                PluginOnSiteShape(
                    site=found.site, version=each.version, enabled=each.enabled, newer=each.newer, at=found.at
                )
                for found in looked
                for each in found.plugins
                if each.name == plugin.name and found.at is not None
            ],
        )
        for plugin in moodle_plugins()
    ]


@router.get(
    "/plugins/{plugin}",
    response_class=Response,
    responses={200: {"content": {"application/zip": {}}, "description": "The zip that Moodle's installer takes."}},
)
def one(plugin: str, visit: Visit = needs(May.OPERATE)) -> Response:  # noqa: ARG001
    """A plugin as a zip."""
    return zip_of(plugin)
