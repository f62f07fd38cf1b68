"""The hub: from a source to a plan, and from a plan to a site.

source ──read──▶ roster ──desire (profile)──▶ desired ─┐
├─make_plan──▶ plan ──limits──▶ apply_plan ──▶ site
site ──observe (where records are concerned)── + ledger ┘
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from matricula import logs
from matricula.applying import Applied, Progress, Silent, apply_plan, recover
from matricula.applying.progress import StopAsked
from matricula.errors import SettingError, StopError
from matricula.hub.chosen import Missed, choose
from matricula.hub.deliveries import Reader, Say, silent
from matricula.hub.grades import is_transfer, planned_undo, transferred
from matricula.hub.home import Home
from matricula.hub.identities import decisions_of, doubtful, keep_unclear, reaffirmed
from matricula.hub.observing import LOOKED, Observing, settle_written
from matricula.hub.parting import Chosen, drafted_part, numbers_of, refuse_to_part
from matricula.hub.passwords import passwords_for
from matricula.hub.persons import person
from matricula.hub.problems import close_vanished
from matricula.hub.publishing import Target, drafted, is_publication, published
from matricula.hub.retention import purge_daily
from matricula.hub.standing import standing_of
from matricula.hub.storing import COURSE_ALONE, MOVES, Planned, keep_delivered, keep_plan, mark_applied, release_for
from matricula.hub.undo import UNDO, drafted_undo, is_undo, run_to_undo
from matricula.hub.whole import refuse_incomplete
from matricula.moodle import Check, Moodle, preflight
from matricula.planning import Ground, checksum, make_plan
from matricula.planning.functions import functions_for
from matricula.planning.moving import plan_moves
from matricula.profiles import Profile, Site, desire
from matricula.store import PlanRecord

GroundOf = Callable[[str], Ground]


class Hub:
    """Everything the command line and the console do, on an open home.

    Args:
        home: the home.
    """

    def __init__(self, home: Home) -> None:
        self.home = home
        self.store = home.store

    def plan(
        self,
        profile_name: str,
        say: Say = silent,
        *,
        full: bool = False,
        only: Sequence[str] = (),
        adopt: bool = False,
        missed: Missed | None = None,
    ) -> Planned:
        """Read the source, work out the difference, and store it as a plan. Nothing is written to the site.

        Args:
            profile_name: the profile.
            say: told in words what is being done.
            full: whether to look at every record that the ledger holds, so that what was removed in Moodle by hand
                is noticed; else only records that changes concern are read.
            only: the people, classes or courses of a manual run, as a person calls them; by default all.
            adopt: whether what is on the site just as the roster wants it is Matricula's from now on, as after the
                ledger was lost.
            missed: told of those named that are nobody and nothing, or several, where the others are to be gone on
                with.

        Raises:
            UsageError: one of those named is nobody and nothing, or several; with `missed`, each of them.
            MatriculaError: the source or the site cannot be read, or a document is wrong.
        """
        profile = self.home.profile(profile_name)
        say("reading the roster")
        roster = Reader(self.home, say).read(profile.source)
        desired = desire(roster, profile)
        chosen = choose(only, roster, desired, lambda kind: self.store.ledger.frame(profile.name, kind), missed)
        with self.ground(profile, say) as ground:
            ground.moodle.site()  # a plan with nothing to do would else never notice that the token has expired
            recover(self.store, profile.site, self._ground_for_recovery(ground))
            ground.forget()
            ground.only, ground.adopt = chosen.only, adopt
            ground.looked.suspect("user", doubtful(self.store, profile.name))
            observing = Observing.of(self.store, profile, full=full, only=bool(chosen.names))
            observing.prepare(ground, desired)
            draft = make_plan(ground, desired, roster.findings)
        if not chosen.names:
            keep_unclear(self.store, profile.name, ground.unclear)
            close_vanished(self.store, profile.name, draft)
        also: dict[str, Any] = {"url": str(self.home.site(profile.site).url)}
        also |= {"only": list(chosen.names)} if chosen.names else {LOOKED: observing.told}
        also |= {COURSE_ALONE: chosen.course} if chosen.course else {}
        planned = keep_delivered(self.store, profile, draft, roster, site=profile.site, also=also)
        if not chosen.names:
            observing.keep(ground)
        return planned

    def plan_publication(
        self, profile_name: str, target: Target, say: Say = silent, *, renamed: Sequence[str] = ()
    ) -> Planned:
        """Read the source, work out what its tables lack, and store it as a plan. Nothing is written to them.

        Args:
            profile_name: the profile.
            target: the database that the tables are in.
            say: told in words what is being done.
            renamed: user names that accounts were given or freed of in Moodle by hand.

        Raises:
            UsageError: one of these is no user name that waits for that.
            MatriculaError: the source or the database cannot be read, or a document is wrong.
        """
        profile = self.home.profile(profile_name)
        say("reading the roster")
        roster = Reader(self.home, say).read(profile.source)
        draft = drafted(self.home, profile, roster, target, say, renamed)
        return keep_delivered(self.store, profile, draft, roster, site=target.name, also=target.remembered())

    def move_enrolments(self, profile_name: str, say: Say = silent) -> Planned:
        """Work out which enrolments move to Matricula's own method, and store it as a plan. Nothing is written.

        Args:
            profile_name: the profile.
            say: told in words what is being done.

        Raises:
            SettingError: the site does not have the plugins.
            MatriculaError: the site cannot be read, or a document is wrong.
        """
        profile = self.home.profile(profile_name)
        with self.ground(profile, say) as ground:
            ground.moodle.site()
            recover(self.store, profile.site, self._ground_for_recovery(ground))
            ground.forget()
            draft = plan_moves(ground)
        also: dict[str, Any] = {MOVES: draft.changes.height, "url": str(ground.site.url)}
        return keep_plan(self.store, profile, draft, "the ledger, to move enrolments", site=profile.site, summary=also)

    def undo(self, run: int, say: Say = silent) -> Planned:
        """Work out what takes a run back, and store it as a plan. Nothing is written to the site.

        Args:
            run: the run; of one that broke off, what it had done is taken back.
            say: told in words what is being done.

        Raises:
            UsageError: there is no such run, or it wrote tables.
            WaitError: it is at work.
            MatriculaError: the site cannot be read, or a document is wrong.
        """
        undone = run_to_undo(self.home, run)
        profile = self.home.profile(undone.profile)
        if is_transfer(self.store.plans.get(undone.plan)):
            return planned_undo(self.home, profile, undone, {UNDO: run}, say)
        with self.ground(profile, say) as ground:
            ground.moodle.site()
            recover(self.store, profile.site, self._ground_for_recovery(ground))
            ground.forget()
            draft = drafted_undo(self.store, ground, undone)
        also = {UNDO: run, "url": str(ground.site.url)}
        return keep_plan(self.store, profile, draft, f"run {run}, to undo it", site=profile.site, summary=also)

    def part(self, number: int, chosen: Chosen) -> Planned:
        """Make a plan of a part of another one: what is chosen, and what that needs. The other one stays as it is.

        Args:
            number: the plan.
            chosen: which of its changes.

        Raises:
            UsageError: nothing is chosen, everything is, or the plan has no such change; or it is for tables.
            StopError: nothing can become of the plan any more, or somebody began to write it.
        """
        record = self.store.plans.get(number)
        refuse_to_part(self.store, record)
        profile = self.home.profile(record.profile)
        self._same_site(record, profile)
        numbers = numbers_of(self.store, number, chosen)
        with self.ground(profile) as ground:
            draft, summary = drafted_part(self.store, ground, record, numbers)
        return keep_plan(self.store, profile, draft, f"plan {number}, a part of it", site=record.site, summary=summary)

    def apply(
        self,
        number: int,
        words: str = "",
        progress: Progress | None = None,
        stop: StopAsked | None = None,
        *,
        began: Callable[[int], None] | None = None,
    ) -> Applied:
        """Carry a stored plan out, or go on where an earlier attempt was cut off.

        Args:
            number: the plan.
            words: what releases a held plan.
            progress: told how far it is.
            stop: set when no further call is to begin.
            began: told the number of the run once it has begun.

        Raises:
            HeldError: the plan waits for a person; the message holds the command that releases it.
            StopError: the plan is not as it was stored, or has been applied, rejected or superseded.
            SettingError: the profile is disabled, outside its window, or another one stands before it.
            MatriculaError: the run could not go on; apply the plan again to go on.
        """
        record, changes = self.store.plans.get(number), self.store.plans.changes(number)
        refuse_incomplete(record)
        if checksum(changes) != record.checksum:
            raise StopError(
                f"Plan {number} is not as it was stored.",
                where=f"plan {number}",
                remedy="Somebody altered the state database. Make a new plan with `matricula plan`.",
                code="plan-altered",
            )
        if not is_undo(record):
            self.ready_to_write(record.profile)
        profile = self.home.profile(record.profile)
        self._same_site(record, profile)
        release_for(self.store, record, words)
        if is_publication(record):
            applied = published(self.home, record, changes, profile, person())
            return self._ended(record, applied)
        if is_transfer(record):
            asked = stop or StopAsked()
            applied = transferred(self.home, record, changes, profile, progress or Silent(), asked, began)
            return self._ended(record, applied)
        with self.ground(profile) as ground:
            run = self.store.runs.start(number, profile.name, record.site, person())
            try:
                if began is not None:
                    began(run)
                recover(self.store, record.site, self._ground_for_recovery(ground))
                ground.moodle.site()
            except BaseException:
                self.store.runs.finish(run, "interrupted", {})
                raise
            applied = apply_plan(self.store, ground, run, changes, progress or Silent(), stop or StopAsked())
            settle_written(self.store, ground, run, changes)
        return self._ended(record, applied)

    def _same_site(self, record: PlanRecord, profile: Profile) -> None:
        """See that a plan goes to the Moodle that it was made for: another one has other records under its ids."""
        if is_publication(record) or is_transfer(record):
            return
        now = str(self.home.site(profile.site).url)
        made_for = record.summary.get("url", now)
        if (profile.site, now) != (record.site, made_for):
            raise StopError(
                f"Plan {record.number} was made for {record.site} ({made_for}); profile {profile.name} now writes to "
                f"{profile.site} ({now}).",
                where=f"plan {record.number}",
                remedy=f"Make a new plan with `matricula plan {profile.name}`.",
                code="plan-of-another-site",
            )

    def ready_to_write(self, profile_name: str) -> None:
        """See that plans of a profile may be applied now.

        Raises:
            SettingError: the profile is disabled, outside its window, or another one stands before it.
        """
        if obstacle := self.obstacle(profile_name):
            raise obstacle

    def obstacle(self, profile_name: str) -> SettingError | None:
        """Why plans of a profile may not be applied now; None where they may."""
        return standing_of(self.home, profile_name).obstacle

    def reject(self, number: int, words: str = "") -> None:
        """Put a plan away for good."""
        self.store.plans.set_state(number, "rejected", person(), words)

    def functions(self, site_name: str | None = None) -> dict[str, str]:
        """The web-service functions that the profiles of a site, or of all, need, with what each is for."""
        return functions_for(self._profiles_of(site_name))

    def check(self, site_name: str, tell: Callable[[Check], None] = lambda _: None) -> list[Check]:
        """Look at everything that the profiles of a site need of it, one line each; nothing is written.

        Args:
            site_name: the site.
            tell: told each line as soon as it is known.
        """
        site = self.home.site(site_name)
        profiles = self._profiles_of(site_name)
        names = {role for profile in profiles for role in profile.enrolments.roles.values()}
        names = names if profiles else {"student", "editingteacher"}
        match = dict.fromkeys(pair.field for profile in profiles for pair in profile.users.match)
        with self._moodle(site) as moodle:
            return preflight(
                moodle,
                functions=functions_for(profiles),
                with_plugin=functions_for(profiles, plugin=True),
                roles={name: int(name) if name.isdigit() else site.roles.get(name, 0) for name in sorted(names)},
                match_fields=match or ["username"],
                tell=tell,
            )

    @contextmanager
    def ground(self, profile: Profile, say: Say = silent) -> Iterator[Ground]:
        """What planning and applying for a profile stand on; the site's connections end with it."""
        site = self.home.site(profile.site)
        _roles_known(profile, site)
        with self._moodle(site) as moodle:
            yield Ground(
                moodle=moodle,
                site=site,
                profile=profile,
                read_ledger=lambda kind: self.store.ledger.frame(profile.name, kind),
                say=say,
                decisions=decisions_of(self.store, profile.name),
                reaffirmed=reaffirmed(self.store, profile.name),
                password_of=passwords_for(self.home, site.name, profile.name),
            )

    def _moodle(self, site: Site) -> Moodle:
        return self.home.client(site)

    def _ground_for_recovery(self, ground: Ground) -> GroundOf:
        """The ground of any profile of the same site: a run to be settled may be another profile's."""

        def ground_of(name: str) -> Ground:
            if name == ground.profile.name:
                return ground
            return Ground(
                moodle=ground.moodle,
                site=ground.site,
                profile=self.home.profile(name),
                read_ledger=lambda kind: self.store.ledger.frame(name, kind),
            )

        return ground_of

    def _ended(self, record: PlanRecord, applied: Applied) -> Applied:
        mark_applied(self.store, record)
        told = {"profile": record.profile, "site": record.site, "plan": record.number, "run": applied.run}
        for state, number in applied.states.items():
            logs.event("outcomes", **told, state=state, changes=number)
        purge_daily(self.home)
        return applied

    def _profiles_of(self, site: str | None) -> list[Profile]:
        return [profile for profile in self.home.profiles() if site in (None, profile.site)]


def _roles_known(profile: Profile, site: Site) -> None:
    unknown = [role for role in profile.enrolments.roles.values() if role not in site.roles and not role.isdigit()]
    if unknown:
        raise SettingError(
            f"The site document knows no role {', '.join(unknown)}.",
            where=f"profile {profile.name}, enrolments.roles",
            remedy=f"Known are {', '.join(site.roles)}; add others to the site document's roles with their ids.",
            code="role-unknown",
        )
