"""Matricula's plugins on the sites that a visitor sees, as the last check of each found them."""

from dataclasses import dataclass
from datetime import datetime

from matricula.hub.plugins_seen import Standing, standings
from matricula.service import Service
from matricula.service.set_up import last_check
from matricula.store import Job
from matricula.web.visit import Visit


@dataclass(frozen=True)
class SitePlugins:
    """The plugins on a site.

    Args:
        site: the site.
        at: when it was last looked at; None where nobody has.
        plugins: how each of Matricula's plugins stands there; empty where nobody has looked.
    """

    site: str
    at: datetime | None
    plugins: tuple[Standing, ...]


def plugins_on(service: Service, site: str) -> SitePlugins:
    """The plugins on one site."""
    return _told(site, last_check(service, site))


def plugins_on_sites(visit: Visit) -> list[SitePlugins]:
    """The plugins on each site that the visitor may see."""
    seen = visit.visitor.sites()
    return [
        plugins_on(visit.service, name) for name in visit.service.home.names("site") if seen is None or name in seen
    ]


def _told(site: str, job: Job | None) -> SitePlugins:
    if job is None or "plugins" not in job.result:
        return SitePlugins(site, None, ())
    return SitePlugins(site, job.ended_at, tuple(standings(job.result["plugins"])))
