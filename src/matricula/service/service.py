"""The service: one home, and everything that is done on it for people who are not at the command line."""

from matricula.hub import Home, Hub
from matricula.hub.kept_rosters import kept_rosters
from matricula.service.account_care import AccountCare
from matricula.service.accounts import AccountDesk
from matricula.service.demo import Demo
from matricula.service.digest import Digest
from matricula.service.embedded import Embedded
from matricula.service.going import GoingDesk
from matricula.service.holding import HoldingDesk
from matricula.service.jobs import Jobs
from matricula.service.launching import LaunchDesk
from matricula.service.notices import Notices
from matricula.service.noticing import Noticing
from matricula.service.portal import PortalDesk
from matricula.service.provider_desk import ProviderDesk
from matricula.service.providing import Providing
from matricula.service.queue import Queue
from matricula.service.scheduling import Schedules
from matricula.service.sign_on import SignOn
from matricula.service.watch import Watch
from matricula.service.wishes import Wishes

JOBS_AT_A_TIME = 2


class Service:
    """What web processes and workers stand on.

    Args:
        home: an open home; its owner closes it.
    """

    def __init__(self, home: Home) -> None:
        self.home = home
        self.store = home.store
        self.hub = Hub(home)
        self.rosters = kept_rosters(home)
        self.accounts = AccountDesk(home)
        self.account_care = AccountCare(self.accounts)
        self.sign_on = SignOn(self.accounts)
        self.portal = PortalDesk(self.accounts)
        self.going = GoingDesk(self.accounts)
        self.provider = ProviderDesk(home)
        self.providing = Providing(self.provider, HoldingDesk(home, self.going).holder)
        self.launches = LaunchDesk(self.provider)
        self.demo = Demo(home)
        self.queue = _queue_for(self)
        self.jobs = Jobs(home, self.queue)
        self.schedules = Schedules(home, self.jobs)
        self.notices = Notices(home)
        self.noticing = Noticing(home, self.notices)
        self.digest = Digest(home)
        self.wishes = Wishes(home, self.jobs)
        self.watch = Watch(self)

    def start(self, *, background: bool = True, threads: int = JOBS_AT_A_TIME) -> None:
        """Begin to work on jobs.

        Args:
            background: whether this process works on jobs at all, or only asks for them.
            threads: how many jobs it works on at a time, each of another site.
        """
        self.demo.resume()
        if background:
            self.queue.start(threads)
            self.watch.start()

    def stop(self) -> None:
        """End the work of this process: calls under way are finished, what is not done waits for the next worker."""
        self.queue.stop()
        self.watch.stop()
        self.demo.stop()


def _queue_for(service: Service) -> Queue:
    if not service.store.queue_tables.possible:
        return Embedded(service)
    from matricula.service.procrastination import Procrastination  # it is not installed where the state is on SQLite

    return Procrastination(service)
