"""The client itself: one site, one token, everything that Matricula asks of a Moodle."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, Self, TypeVar

from matricula.errors import MatriculaError
from matricula.moodle.activities import Activities
from matricula.moodle.categories import Categories
from matricula.moodle.cohorts import Cohorts
from matricula.moodle.courses import Courses
from matricula.moodle.enrolments import Enrolments
from matricula.moodle.gradebook import Gradebooks
from matricula.moodle.grades import Grades
from matricula.moodle.groups import Groups
from matricula.moodle.meta import Meta
from matricula.moodle.pace import Pace
from matricula.moodle.plugin import Plugin
from matricula.moodle.probes import form_fields
from matricula.moodle.roles import Roles
from matricula.moodle.sign_on import SignOn
from matricula.moodle.site import GET_SITE_INFO, Site, site_of
from matricula.moodle.transport import Transport, tidy
from matricula.moodle.users import Users

T = TypeVar("T")


class Moodle:
    """A Moodle site seen through its REST web services.

    Use it as a context manager. It may be used from several threads at once.

    Example:
        with Moodle("https://moodle.school.example", token) as moodle:
            print(moodle.site().name, len(moodle.users.all()))

    Args:
        url: address of the site; what people copy out of a browser will do.
        token: web-service token (Site administration > Server > Web services > Manage tokens).
        timeout: seconds that one call may take.
        callers: calls under way at once at most. A Moodle gains nothing beyond a handful.
        form_fields: fields that one call may have, where it is known; otherwise it is probed when first needed.
        plugins: whether to use the plugin local_matricula where the site has it; see `matricula.moodle.plugin`.

    Raises:
        NotMoodle: the address is none.
    """

    def __init__(
        self,
        url: str,
        token: str,
        *,
        timeout: float = 120,
        callers: int = 4,
        form_fields: int | None = None,
        plugins: bool = True,
    ) -> None:
        self.url = tidy(url)
        self.callers = callers
        self.users = Users(self)
        self.categories = Categories(self)
        self.courses = Courses(self)
        self.enrolments = Enrolments(self)
        self.roles = Roles(self)
        self.grades = Grades(self)
        self.gradebooks = Gradebooks(self)
        self.activities = Activities(self)
        self.groups = Groups(self)
        self.cohorts = Cohorts(self)
        self.meta = Meta(self)
        self.plugin = Plugin(self, wanted=plugins)
        self.sign_on = SignOn(self)
        self._transport = Transport(self.url, token.strip(), timeout=timeout, callers=callers)
        self._transport.functions_known = self._functions_known
        self.pace = Pace(callers)
        self._transport.strained = self.pace.strained
        self._lock = threading.RLock()
        self._site: Site | None = None
        self._form_fields = form_fields
        self._pool = ThreadPoolExecutor(callers, thread_name_prefix="moodle")
        self._in_pool = threading.local()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Moodle({self.url!r})"

    def close(self) -> None:
        """End all connections and threads. Calls under way are waited for."""
        self._pool.shutdown(cancel_futures=True)
        self._transport.close()

    def call(self, function: str, parameters: Mapping[str, Any], *, repeatable: bool) -> Any:
        """One call of any web-service function.

        Args:
            function: for example `core_user_get_users`.
            parameters: nested as Moodle documents them; booleans are sent as 0 and 1. Keys that are left out
                stay left out; empty lists cannot be sent.
            repeatable: whether the call only reads, and so may be sent again when no answer comes.

        Returns:
            the answer, from JSON; texts as they were entered (`moodlewssettingraw`).

        Raises:
            MoodleError: one of the tree in `matricula.moodle.errors`.
        """
        return self._transport.call(function, parameters, repeatable=repeatable)

    def read(self, function: str, parameters: Mapping[str, Any]) -> Any:
        """One call of a function that only reads; see `call`."""
        return self.call(function, parameters, repeatable=True)

    def write(self, function: str, parameters: Mapping[str, Any]) -> Any:
        """One call of a function that writes; see `call`."""
        return self.call(function, parameters, repeatable=False)

    def site(self) -> Site:
        """Who the site is and who the token's user is (`core_webservice_get_site_info`), asked once."""
        with self._lock:
            if self._site is None:
                sent = time.time()
                value = self.read(GET_SITE_INFO, {})
                middle = (sent + time.time()) / 2
                self._site = site_of(value, _clock_difference(self._transport.date, middle))
            return self._site

    def see_that_it_serves(self) -> None:
        """One cheap call, for a caller that waits until the site serves again.

        Raises:
            MoodleError: it does not.
        """
        self.read(GET_SITE_INFO, {})

    @property
    def form_fields(self) -> int:
        """Form fields that the parameters of one call may have, probed once (`core_user_get_users_by_field`).

        Raises:
            SettingError: the site loses fields even in small calls.
            MoodleError: the probe failed.
        """
        with self._lock:
            if self._form_fields is None:
                self._form_fields = form_fields(self.read, self.site().user_id)
            return self._form_fields

    def in_parallel(self, tasks: Sequence[Callable[[], T]]) -> list[T]:
        """Runs tasks on the client's threads, as many at once as there are callers.

        Tasks that are themselves run by this method and call it again run theirs one after another.

        Args:
            tasks: each makes calls of this client; for lanes, one task sends the batches of one lane.

        Returns:
            what the tasks returned, in their order.

        Raises:
            BaseException: the first error of a task. Tasks not begun by then are not begun any more, and those
                under way are waited for.
        """
        if self.callers == 1 or len(tasks) < 2 or getattr(self._in_pool, "inside", False):
            return [task() for task in tasks]
        futures: list[Future[T]] = [self._pool.submit(self._inside, task) for task in tasks]
        try:
            wait(futures, return_when=FIRST_EXCEPTION)
        finally:
            for future in futures:
                future.cancel()
            wait(futures)
        for future in futures:
            if not future.cancelled() and (error := future.exception()):
                raise error
        return [future.result() for future in futures]

    def _inside(self, task: Callable[[], T]) -> T:
        self._in_pool.inside = True
        return task()

    def _functions_known(self, anew: bool) -> frozenset[str] | None:  # noqa: FBT001 - handed on by place
        """The service's functions, to tell a missing one from a forbidden one; `None` where unknowable."""
        try:
            return site_of(self.read(GET_SITE_INFO, {}), None).functions if anew else self.site().functions
        except MatriculaError:
            return None


def _clock_difference(date: str, ours: float) -> float | None:
    try:
        theirs = parsedate_to_datetime(date).timestamp()
    except (ValueError, TypeError):
        return None
    return theirs + 0.5 - ours  # the header is cut to whole seconds
