"""What somebody may bring together: the sites, sources and sinks that a profile of theirs may name."""

from collections.abc import Iterable

from matricula.hub import Home
from matricula.hub.grades import place_of
from matricula.hub.sinks import sites_of_sink
from matricula.service.permissions import May
from matricula.service.visitors import Visitor
from matricula.store.accounts import ALL_SITES, Granted


def sites_within(home: Home, visitor: Visitor, what: May = May.OPERATE) -> tuple[str, ...]:
    """The sites there are to which somebody may do something."""
    sites = visitor.sites(what)
    return tuple(each for each in home.names("site") if sites is None or each in sites)


def sources_within(home: Home, visitor: Visitor, what: May = May.OPERATE) -> tuple[str, ...]:
    """The sources there are that somebody may use: those that profiles of their sites read; of all sites, all.

    A source has no site of its own, but it brings the people of those that read it.
    """
    sites = visitor.sites(what)
    if sites is None:
        return tuple(home.names("source"))
    profiles = [home.profile(each) for each in home.names("profile")]
    read = {each.source for each in profiles if each.site in sites}
    return tuple(each for each in home.names("source") if each in read)


def sinks_within(home: Home, visitor: Visitor, what: May = May.OPERATE) -> tuple[str, ...]:
    """The sinks there are that somebody may use: those to which only sites of theirs send grades; of all sites, all."""
    sites = visitor.sites(what)
    if sites is None:
        return tuple(home.names("sink"))
    fed = {each: sites_of_sink(home, each) for each in home.names("sink")}
    return tuple(each for each, feeding in fed.items() if feeding and feeding <= sites)


def with_sinks(home: Home, roles: Iterable[Granted]) -> tuple[Granted, ...]:
    """Roles with what follows from them for transfers: who may do something to all sites that feed a sink, may to it.

    Args:
        home: the home.
        roles: the roles of an account or a token.
    """
    given = tuple(roles)
    if all(each.site == ALL_SITES for each in given):
        return given
    feeding: dict[str, set[str]] = {}
    for profile in home.profiles(readable=True):
        if profile.grades.sink is not None:
            feeding.setdefault(profile.grades.sink, set()).add(profile.site)
    more = [
        Granted(role, place_of(sink))
        for role in dict.fromkeys(each.role for each in given)
        for sink, sites in feeding.items()
        if sites <= {each.site for each in given if each.role == role}
    ]
    return (*given, *more)
