"""`matricula provider`: signing on to Moodle with Moodle's own OAuth 2 sign-in, and to published courses."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from matricula.cli.desk import AsJson, HomeDir, open_hub
from matricula.cli.screen import Screen, moment

if TYPE_CHECKING:
    from matricula.service.launching import Registration

SiteName = Annotated[str, typer.Argument(metavar="SITE", help="The site.")]


def client(
    site: SiteName,
    *,
    renew: Annotated[
        bool, typer.Option("--renew", help="Make another secret; the one before is good no more from now on.")
    ] = False,
    home: HomeDir = None,
    as_json: AsJson = False,
) -> None:
    """Tell what is entered in a site's Moodle, so that it signs people on with Matricula.

    The first time the site's client is made, and its secret is printed, this
    once. Afterwards all but the secret is told; --renew makes another one.

    Examples:
      matricula provider client moodle
      matricula provider client moodle --renew
    """
    from matricula.service.provider_desk import ProviderDesk

    screen = Screen(as_json=as_json)
    with open_hub(home) as hub:
        desk = ProviderDesk(hub.home)
        there = desk.entered(site)
        entered = desk.make_client(site, renew=renew) if there is None or renew else there
    if as_json:
        screen.json(
            {
                "site": site,
                "issuer": entered.issuer,
                "client_id": entered.client,
                "client_secret": entered.secret or None,
                "redirect": entered.redirect,
            }
        )
        return
    screen.line("In Moodle: Site administration > Server > OAuth 2 services > Custom:")
    told = {
        "Client ID": entered.client,
        "Client secret": entered.secret or "was printed when it was made; --renew makes another one",
        "Service base URL": entered.issuer,
        "Scopes included in a login request": "openid profile email",
        "Require email verification": "off",
    }
    for name, value in told.items():
        screen.line(f"{name}: {value}", indent=2)
    screen.line("Then, in its user field mappings, a new one: external field sub, internal field username.")
    screen.line(f"Answers go to {entered.redirect} and nowhere else. All steps: docs/provider.md")
    if entered.secret:
        screen.line("The secret is kept nowhere: enter it now.", "yellow")


def keys(
    *,
    rotate: Annotated[
        bool,
        typer.Option("--rotate", help="Put a new key in force; the one before is published for a week yet."),
    ] = False,
    home: HomeDir = None,
    as_json: AsJson = False,
) -> None:
    """Tell with which keys ID tokens are signed, or put a new one in force.

    A key is made when the first site asks. Private keys are never printed.

    Examples:
      matricula provider keys
      matricula provider keys --rotate
    """
    from matricula.service.provider_desk import ProviderDesk

    screen = Screen(as_json=as_json)
    with open_hub(home) as hub:
        desk = ProviderDesk(hub.home)
        if rotate:
            desk.rotate()
        listed = desk.listed()
    if as_json:
        screen.json([{"id": each.id, "made_at": each.made_at, "ended_at": each.ended_at} for each in listed])
        return
    if not listed:
        screen.line("There is no key yet; one is made when the first site asks.")
        return
    rows = [
        (each.id, moment(each.made_at), "in force" if each.ended_at is None else f"ended {moment(each.ended_at)}")
        for each in listed
    ]
    screen.table(("key", "made", "state"), rows)


def courses(*, home: HomeDir = None, as_json: AsJson = False) -> None:
    """Tell what is entered in the Moodles whose courses people may go on to (LTI 1.3).

    Which courses there are stands in the service's document, portal.published.
    No secret goes between the two: that Moodle checks what it is told with the
    public keys of `matricula provider keys`.

    Examples:
      matricula provider courses
    """
    from matricula.service.launching import LaunchDesk
    from matricula.service.provider_desk import ProviderDesk

    screen = Screen(as_json=as_json)
    with open_hub(home) as hub:
        registrations = LaunchDesk(ProviderDesk(hub.home)).registrations()
    if as_json:
        told = [
            asdict(each) | {"courses": {link: course.name for link, course in each.courses.items()}}
            for each in registrations
        ]
        screen.json(told)
        return
    if not registrations:
        screen.line("No published course is named. Name one in the service's document, portal.published.")
        return
    for each in registrations:
        screen.line(f"In {each.moodle}, under Site administration > Plugins > Enrolments > Publish as LTI tool:")
        for name, value in _entered(each).items():
            screen.line(f"{name}: {value}", indent=2)
        screen.line("The links:")
        for link, course in each.courses.items():
            screen.line(f"{course.title}: {link}", indent=2)
    screen.line("All steps: docs/sign-on.md")


def _entered(each: "Registration") -> dict[str, str]:
    return {
        "Platform ID": each.platform,
        "Client ID": each.client,
        "Authentication request URL": each.asks,
        "Public keyset URL": each.keys,
        "Access token URL": each.token,
        "Deployment ID": each.deployment,
    }


provider = {"client": client, "keys": keys, "courses": courses}
"""The commands under `matricula provider`."""
