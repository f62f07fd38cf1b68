"""The hub: from a source to a plan, and from a plan to a site.

source ──read──▶ roster ──desire (profile)──▶ desired ─┐
├─make_plan──▶ plan ──limits──▶ apply_plan ──▶ site
site ──observe (where records are concerned)── + ledger ┘
"""

import getpass
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import polars as pl

from matricula import logs
from matricula.applying import Applied, Progress, Silent, apply_plan, recover
from matricula.applying.progress import StopAsked
from matricula.errors import HeldError, SettingError, StopError
from matricula.hub.chosen import choose
from matricula.hub.deliveries import Reader, Say, silent
from matricula.hub.home import Home
from matricula.hub.identities import decisions_of, keep_unclear
from matricula.hub.passwords import passwords_for
from matricula.hub.publishing import Target, drafted, is_publication, published
from matricula.hub.retention import purge_daily
from matricula.hub.standing import standing_of
from matricula.moodle import Moodle
from matricula.moodle.preflight import Check, preflight
from matricula.planning import Draft, Ground, checksum, make_plan, release_words
from matricula.planning.functions import functions_for
from matricula.profiles import Profile, Site, desire
from matricula.roster import Finding
from matricula.store import FindingRecord, PlanRecord

GroundOf = Callable[[str], Ground]


@dataclass(frozen=True)
class Planned:
    """A plan as it was stored.

    Args:
        record: the plan.
        changes: its changes (`planning.change.SCHEMA`).
        findings: rows of the delivery that could not be taken as they are.
    """

    record: PlanRecord
    changes: pl.DataFrame
    findings: tuple[FindingRecord, ...]

    @property
    def number(self) -> int:
        """The plan's number."""
        return self.record.number or 0

    @property
    def only(self) -> tuple[str, ...]:
        """Names of the people and courses that a manual run is for; empty where it is for all."""
        return tuple(self.record.summary.get("only", ()))

    @property
    def words(self) -> str:
        """What releases it, empty where it is not held."""
        return release_words(str(hold["words"]) for hold in self.record.held)


class Hub:
    """Everything the command line and the console do, on an open home.

    Args:
        home: the home.
    """

    def __init__(self, home: Home) -> None:
        self.home = home
        self.store = home.store

    def plan(self, profile_name: str, say: Say = silent, *, full: bool = False, only: Sequence[str] = ()) -> Planned:
        """Read the source, work out the difference, and store it as a plan. Nothing is written to the site.

        Args:
            profile_name: the profile.
            say: told in words what is being done.
            full: whether to look at every record that the ledger holds, so that what was removed in Moodle by hand
                is noticed; else only records that changes concern are read.
            only: the people, classes or courses of a manual run, as a person calls them; by default all.

        Raises:
            UsageError: one of those named is nobody and nothing, or several.
            MatriculaError: the source or the site cannot be read, or a document is wrong.
        """
        profile = self.home.profile(profile_name)
        say("reading the roster")
        roster = Reader(self.home, say).read(profile.source)
        desired = desire(roster, profile)
        chosen = choose(only, roster, desired, lambda kind: self.store.ledger.frame(profile.name, kind))
        with self.ground(profile, say) as ground:
            ground.moodle.site()  # a plan with nothing to do would else never notice that the token has expired
            recover(self.store, profile.site, self._ground_for_recovery(ground))
            ground.forget()
            ground.full, ground.only = full, chosen.only
            draft = make_plan(ground, desired, roster.findings)
        if not chosen.names:
            keep_unclear(self.store, profile.name, ground.unclear)
            self.store.deliveries.note(profile.name, desired.counts, datetime.now(UTC))
        also = {"only": list(chosen.names)} if chosen.names else {}
        return self._stored(profile, draft, roster.origin, site=profile.site, also=also)

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
        return self._stored(profile, draft, roster.origin, site=target.name, also=target.remembered())

    def apply(
        self, number: int, words: str = "", progress: Progress | None = None, stop: StopAsked | None = None
    ) -> Applied:
        """Carry a stored plan out, or go on where an earlier attempt was cut off.

        Args:
            number: the plan.
            words: what releases a held plan.
            progress: told how far it is.
            stop: set when no further call is to begin.

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
        self.ready_to_write(record.profile)
        self._release(record, words)
        profile = self.home.profile(record.profile)
        if is_publication(record):
            applied = published(self.home, record, changes, profile, _person())
            return self._ended(record, applied)
        with self.ground(profile) as ground:
            run = self.store.runs.start(number, profile.name, record.site, _person())
            try:
                recover(self.store, record.site, self._ground_for_recovery(ground))
                ground.moodle.site()
            except BaseException:
                self.store.runs.finish(run, "interrupted", {})
                raise
            applied = apply_plan(self.store, ground, run, changes, progress or Silent(), stop or StopAsked())
        return self._ended(record, applied)

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
        self.store.plans.set_state(number, "rejected", _person(), words)

    def functions(self, site_name: str | None = None) -> dict[str, str]:
        """The web-service functions that the profiles of a site, or of all, need, with what each is for."""
        return functions_for(self._profiles_of(site_name))

    def check(self, site_name: str) -> list[Check]:
        """Look at everything that the profiles of a site need of it, one line each; nothing is written."""
        site = self.home.site(site_name)
        profiles = self._profiles_of(site_name)
        names = {role for profile in profiles for role in profile.enrolments.roles.values()}
        names = names if profiles else {"student", "editingteacher"}
        match = dict.fromkeys(pair.field for profile in profiles for pair in profile.users.match)
        with self._moodle(site) as moodle:
            return preflight(
                moodle,
                functions=self.functions(site_name),
                roles={name: int(name) if name.isdigit() else site.roles.get(name, 0) for name in sorted(names)},
                match_fields=match or ["username"],
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
                password_of=passwords_for(self.home, site.name, profile.name),
            )

    def _moodle(self, site: Site) -> Moodle:
        return Moodle(str(site.url), self.home.token(site), timeout=site.timeout, callers=site.callers)

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

    def _stored(self, profile: Profile, draft: Draft, origin: str, *, site: str, also: dict[str, Any]) -> Planned:
        record = PlanRecord(
            number=None,
            profile=profile.name,
            site=site,
            source=origin,
            created_at=datetime.now(UTC),
            state="held" if draft.held else "ready",
            checksum=draft.checksum,
            summary={"counts": draft.counts} | also,
            held=[hold.as_dict() for hold in draft.held],
        )
        findings = tuple(map(_as_record, draft.findings))
        number = self.store.plans.add(record, draft.changes, findings)
        told = {"profile": profile.name, "site": site, "plan": number, "state": record.state}
        logs.event("planned", **told, changes=draft.changes.height, findings=len(findings))
        return Planned(self.store.plans.get(number), draft.changes, findings)

    def _release(self, record: PlanRecord, words: str) -> None:
        if record.state == "applied":
            raise StopError(
                f"Plan {record.number} has been applied already.",
                where=f"plan {record.number}",
                remedy="Make a new one with `matricula plan` to see whether anything is left.",
                code="plan-applied",
            )
        if record.state != "held":
            return
        wanted = release_words(str(hold["words"]) for hold in record.held)
        if words.strip() != wanted:
            raise held_error(record, wanted, wrong=bool(words.strip()))
        self.store.plans.set_state(record.number or 0, "released", _person(), words)

    def _ended(self, record: PlanRecord, applied: Applied) -> Applied:
        self._applied(record)
        told = {"profile": record.profile, "site": record.site, "plan": record.number, "run": applied.run}
        for state, number in applied.states.items():
            logs.event("outcomes", **told, state=state, changes=number)
        purge_daily(self.home)
        return applied

    def _applied(self, record: PlanRecord) -> None:
        """Mark a plan as applied; older plans of the profile for the same site that wait still are outdated by it.

        One of a manual run outdates only those of the same.
        """
        self.store.plans.set_state(record.number or 0, "applied", _person(), "every change has an outcome")
        for older in self.store.plans.all(record.profile):
            if older.site != record.site or record.summary.get("only") not in (None, older.summary.get("only")):
                continue
            if (older.number or 0) < (record.number or 0) and older.state in ("ready", "held", "released"):
                self.store.plans.set_state(
                    older.number or 0, "superseded", _person(), f"plan {record.number} was applied"
                )

    def _profiles_of(self, site: str | None) -> list[Profile]:
        profiles = map(self.home.profile, self.home.names("profile"))
        return [profile for profile in profiles if site in (None, profile.site)]


def refuse_incomplete(record: PlanRecord) -> None:
    """See that a plan still has all its changes.

    Raises:
        StopError: a person in it was forgotten, or its changes were purged.
    """
    if record.summary.get("redacted"):
        raise StopError(
            f"Plan {record.number} names a person who was forgotten on request, so it is not whole any more.",
            where=f"plan {record.number}",
            remedy="Make a new plan with `matricula plan`.",
            code="plan-redacted",
        )
    if day := record.summary.get("purged"):
        raise StopError(
            f"The changes of plan {record.number} were purged on {day}.",
            where=f"plan {record.number}",
            remedy="Make a new plan with `matricula plan`. `retention.plans` in the profile says how long they stay.",
            code="plan-purged",
        )


def held_error(record: PlanRecord, words: str, *, wrong: bool = False) -> HeldError:
    """The error that says why a plan waits, with the very command that releases it."""
    reasons = " ".join(str(hold["message"]) for hold in record.held)
    heard = "These are not the words that release it. " if wrong else ""
    return HeldError(
        f"Plan {record.number} waits for a person. {heard}{reasons}",
        where=f"plan {record.number}",
        remedy=f"Look at it with `matricula show {record.number}`. If it is right, say so: "
        f'matricula apply {record.number} --release "{words}"',
        code="plan-held",
    )


def _as_record(finding: Finding) -> FindingRecord:
    return FindingRecord(
        code=finding.code,
        severity=finding.severity,
        message=finding.message,
        file=finding.file,
        line=finding.line,
        column=finding.column,
        value=finding.value,
        remedy=finding.remedy,
        subject=finding.sourced_id,
        count=finding.count,
    )


def _roles_known(profile: Profile, site: Site) -> None:
    unknown = [role for role in profile.enrolments.roles.values() if role not in site.roles and not role.isdigit()]
    if unknown:
        raise SettingError(
            f"The site document knows no role {', '.join(unknown)}.",
            where=f"profile {profile.name}, enrolments.roles",
            remedy=f"Known are {', '.join(site.roles)}; add others to the site document's roles with their ids.",
            code="role-unknown",
        )


def _person() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"
