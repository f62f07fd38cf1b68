"""Verifying: ledger, roster and site compared completely, with nothing written and nothing stored."""

from matricula.hub.deliveries import Reader, Say, silent
from matricula.hub.hub import Hub
from matricula.hub.observing import Observing
from matricula.planning.verifying import Difference, differences
from matricula.profiles import desire


def verify(hub: Hub, profile_name: str, say: Say = silent) -> list[Difference]:
    """Everything in which ledger, roster and site differ.

    Args:
        hub: the hub.
        profile_name: the profile.
        say: told in words what is being done.

    Raises:
        MatriculaError: the source or the site cannot be read, or a document is wrong.
    """
    profile = hub.home.profile(profile_name)
    say("reading the roster")
    roster = Reader(hub.home, say, keep=False).read(profile.source)
    with hub.ground(profile, say) as ground:
        ground.moodle.site()
        ground.watch = Observing.of(hub.store, profile, full=True, only=False).watch()
        return differences(ground, desire(roster, profile))
