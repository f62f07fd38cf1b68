"""Looking at a whole site: compared with ledger and roster, or for what was edited there. Nothing is written."""

from concurrent.futures import ThreadPoolExecutor

from matricula.hub.deliveries import Reader, Say, silent
from matricula.hub.hub import Hub
from matricula.hub.identities import doubtful
from matricula.hub.observing import Observing
from matricula.planning import Ground, make_plan
from matricula.planning.ahead import asked_ahead
from matricula.planning.verifying import Difference, differences
from matricula.planning.watch import Edit
from matricula.profiles import Profile, desire
from matricula.profiles.desired import Desired


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
    with (
        hub.ground(profile, say) as ground,
        ground.moodle.plugin.ahead(asked_ahead(ground)),
        ThreadPoolExecutor(1, "ledger") as beside,
    ):
        # Half the time of reading a roster is spent outside of Python: the ledger's rows are made meanwhile.
        largest = beside.submit(ground.ledger, "enrolment")
        say("reading the roster")
        roster = Reader(hub.home, say, keep=False).read(profile.source)
        ground.moodle.site()
        desired = desire(roster, profile)
        largest.result()
        return _differences(hub, profile, ground, desired)


def _differences(hub: Hub, profile: Profile, ground: Ground, desired: Desired) -> list[Difference]:
    # Nothing is kept of it, so it need not be known what changed since.
    Observing.of(hub.store, profile, full=True, only=True).prepare(ground, desired)
    return differences(ground, desired)


def observe(hub: Hub, profile_name: str, say: Say = silent) -> list[Edit]:
    """Look at every record that the ledger holds, as a full plan does, and note the edits; no plan is stored.

    Args:
        hub: the hub.
        profile_name: the profile.
        say: told in words what is being done.

    Returns:
        the fields that somebody edited in Moodle.

    Raises:
        MatriculaError: the source or the site cannot be read, or a document is wrong.
    """
    profile = hub.home.profile(profile_name)
    say("reading the roster")
    roster = Reader(hub.home, say, keep=False).read(profile.source)
    observing = Observing.of(hub.store, profile, full=True, only=False)
    with hub.ground(profile, say) as ground:
        ground.moodle.site()
        desired = desire(roster, profile)
        ground.looked.suspect("user", doubtful(hub.store, profile.name))
        observing.prepare(ground, desired)
        make_plan(ground, desired, roster.findings)
        observing.keep(ground)
        return list(ground.watch.edits)
