"""Documents as visitors see and save them: which rights each kind needs, and two who edit at once."""

from collections.abc import Mapping
from typing import Any

from matricula.errors import UsageError
from matricula.hub.documents import load, remove, sites_of_source
from matricula.hub.home import Home, Saved
from matricula.hub.profile_saving import remove_profile
from matricula.hub.sinks import sites_of_sink
from matricula.hub.uploads import remove_uploads
from matricula.profiles.reading import KINDS, Written, content_of, parse_documents
from matricula.service.permissions import May
from matricula.service.reach import sinks_within, sources_within
from matricula.store import Document
from matricula.web.refusals import ForbiddenError
from matricula.web.visit import Visit

_OF_A_SITE = ("profile", "tool", "import")
"""Kinds of documents that name one site."""


def sites_of_document(home: Home, kind: str, name: str) -> frozenset[str]:
    """The sites that a document concerns.

    Args:
        home: the home.
        kind: the kind of document.
        name: its name; there must be one.
    """
    if kind == "site":
        return frozenset({name})
    if kind == "profile":
        return frozenset({home.profile(name).site})
    if kind == "source":
        return sites_of_source(home, name)
    if kind == "sink":
        return sites_of_sink(home, name)
    if kind == "tool":
        return frozenset({home.tool(name).site})
    if kind == "import":
        return frozenset({home.importing(name).site})
    return frozenset()


def may_see(visit: Visit, kind: str, name: str) -> bool:
    """Whether a visitor may look at a document: at one of a site, with the site; at the service's, as its owner."""
    if kind == "service":
        return visit.may(May.OWN, "")
    sites = visit.visitor.sites()
    return sites is None or bool(sites & sites_of_document(visit.service.home, kind, name))


def document_of(visit: Visit, kind: str, name: str) -> Document:
    """A document that the visitor may look at.

    Raises:
        UsageError: there is none, or none that the visitor may know of.
    """
    found = visit.service.store.documents.get(kind, name) if kind in KINDS else None
    if found is None or not may_see(visit, kind, name):
        raise UsageError(f"There is no {kind} “{name}”.", remedy="See the list of documents.", code="document-unknown")
    return found


def save(visit: Visit, text: str, where: str, revision: int | None = None) -> list[Saved]:
    """Take documents in, all or none, as `matricula load` does.

    Args:
        visit: the visit.
        text: YAML, one or more documents.
        where: what to call the text in messages.
        revision: the revision that was edited; a newer one in between is a refusal.

    Raises:
        ForbiddenError: the visitor may not.
        SettingError: with every fault.
        StopError: somebody else saved the document in between.
    """
    home = visit.service.home
    written = parse_documents(text, where)
    for each in written:
        _demand(visit, each)
    saved = load(home, text, where, after=revision)
    for one, each in zip(saved, written, strict=True):
        profile = each.name if each.kind == "profile" else ""
        words = str(one.revision)
        visit.note(f"{one.kind}.saved", f"{one.kind} {one.name}", site=_site_of(each), profile=profile, words=words)
    return saved


def take_away(visit: Visit, kind: str, name: str) -> None:
    """Take a document out, with its secrets and files.

    Raises:
        ForbiddenError: the visitor may not.
        UsageError: another document names it.
        StopError: it is a profile of which something was applied.
    """
    home = visit.service.home
    written = home.written(kind, name)
    _demand(visit, written)
    if kind == "profile":
        remove_profile(home, name)
    else:
        remove(home, kind, name)
    if kind == "source":
        remove_uploads(home, name)
    visit.note(f"{kind}.removed", f"{kind} {name}", site=_site_of(written))


def _site_of(each: Written) -> str:
    """The one site that a document is about; empty where there is no such one."""
    if each.kind in _OF_A_SITE:
        return str(each.content.get("site", ""))
    return each.name if each.kind == "site" else ""


def _demand(visit: Visit, each: Written) -> None:
    """What says where tokens, grades and people go, and who signs on, is the owner's; of the rest, whoever operates.

    A new sink may come to be any site's; so may a new source.
    """
    home = visit.service.home
    if each.kind in ("site", "service"):
        visit.demand(May.OWN, "")
        return
    there = home.store.documents.get(each.kind, each.name)
    concerned = set(sites_of_document(home, each.kind, each.name)) if there else set()
    if each.kind in _OF_A_SITE:
        concerned.add(str(each.content.get("site", "")))
    what = May.OPERATE if each.kind in ("profile", "source") else May.OWN
    for site in concerned or {""}:
        visit.demand(what, site)
    if each.kind == "profile":
        demand_reach(visit, content_of(there.body) if there else {}, each.content)


def demand_reach(visit: Visit, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """Refuse a profile that would go to a site, read a source or feed a sink that is not the visitor's to use.

    Args:
        visit: the visit.
        before: the profile's values as they are; empty for a new one.
        after: as they would be.

    Raises:
        ForbiddenError: it would.
    """
    if after.get("site") != before.get("site"):
        visit.demand(May.OPERATE, str(after.get("site", "")))
    if visit.visitor.sites(May.OPERATE) is None:
        return
    home, source, sink = visit.service.home, after.get("source"), _sink_in(after)
    if source != before.get("source") and source not in sources_within(home, visit.visitor):
        raise ForbiddenError(May.OPERATE, f"the source {source}")
    if sink and sink != _sink_in(before) and sink not in sinks_within(home, visit.visitor):
        raise ForbiddenError(May.OPERATE, f"the sink {sink}")


def _sink_in(content: Mapping[str, Any]) -> str:
    grades = content.get("grades")
    return str(grades.get("sink") or "") if isinstance(grades, Mapping) else ""
