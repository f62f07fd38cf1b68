"""The web-service functions that somebody adds in Moodle."""

from matricula.hub.templates import templates
from matricula.planning.functions import SIGN_ON_BY_KEY, functions_for
from matricula.profiles.reading import content_of, read_profile
from matricula.service import Service


def functions_to_add(service: Service, site: str = "") -> list[str]:
    """The functions that the profiles of a site need; before there is one, those that any template needs.

    Args:
        service: the service.
        site: the site; empty before it has a name.
    """
    home = service.home
    profiles = [home.profile(name) for name in home.names("profile")]
    of_site = [each for each in profiles if each.site == site]
    if of_site:
        signing = home.site(site).sign_on
        keys = list(SIGN_ON_BY_KEY) if signing is not None and signing.by == "userkey" else []
        return [*functions_for(of_site), *keys]
    texts = [each.text("source", "site", "profile", "UTC") for each in templates()]
    return list(functions_for(read_profile(content_of(text), "template") for text in texts))
