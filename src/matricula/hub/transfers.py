"""A transfer from the beginning: the gradebooks are read, and what the sink lacks is planned."""

from matricula.hub.deliveries import Say, silent
from matricula.hub.grades import planned_transfer, sink_for
from matricula.hub.hub import Hub
from matricula.hub.learning import read_for
from matricula.hub.sinks import lacking, secret_of
from matricula.hub.storing import Planned


def plan_transfer(hub: Hub, profile_name: str, say: Say = silent, *, full: bool = False, read: bool = True) -> Planned:
    """Read what changed in the gradebooks, work out what the profile's sink lacks, and store it as a plan.

    Args:
        hub: the hub.
        profile_name: the profile.
        say: told in words what is being done.
        full: whether every gradebook is read, whether anything tells of a change in it or not.
        read: whether Moodle is read at all; else it goes by what is kept.

    Raises:
        SettingError: the profile names no sink, or a setting is wrong.
        MatriculaError: the site or the sink cannot be read.
    """
    profile = hub.home.profile(profile_name)
    sink = sink_for(profile)
    for which in lacking(hub.home, sink):  # before a site is asked for hundreds of gradebooks
        secret_of(hub.home, sink, which)
    reading = read_for(hub, profile, say, full=full) if read else None
    return planned_transfer(hub.home, profile, say, reading)
