"""The daily digest: what was done since the last one, and what waits, in a few sentences."""

from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from matricula import logs
from matricula.errors import MatriculaError
from matricula.hub import Home
from matricula.hub.standing import Standing, standings
from matricula.profiles.documents import ServiceSettings
from matricula.profiles.documents.service import Told
from matricula.service.causes import counted
from matricula.service.messages import Message, Part, linked
from matricula.store import Ended, Notice

LATEST: Final = timedelta(hours=6)
"""So long after its time a digest is sent yet, where nothing was at work before."""
_DAY: Final = timedelta(days=1)
_OUTCOMES: Final = {"done": "carried out", "refused": "refused", "skipped": "left out"}


class Digest:
    """Puts the digests that are due into the outbox, each once, however many processes look.

    Args:
        home: the home.
    """

    def __init__(self, home: Home) -> None:
        self._home = home
        self._store = home.store

    def look(self, now: datetime | None = None) -> int:
        """Put in what is due.

        Args:
            now: the moment meant; by default now.

        Returns:
            how many messages were put in.
        """
        settings = self._home.service()
        if settings.mail is None:
            return 0
        moment = now or datetime.now(UTC)
        put = 0
        for told in settings.told:
            if told.digest is None:
                continue
            since, due = last_due(told.digest, settings.timezone, moment)
            if moment - due <= LATEST:
                put += self._put(told, settings, since, due, moment)
        return put

    def _put(self, told: Told, settings: ServiceSettings, since: datetime, due: datetime, now: datetime) -> int:
        whose = ",".join(told.sites) or "*"
        keys = {to: f"digest:{due.isoformat()}:{whose}:{to}" for to in told.to}
        missing = {to: key for to, key in keys.items() if not self._store.sendings.known(key)}
        if not missing:
            return 0
        message = self.message(told, settings, since, due)
        # That there was nothing to tell is noted, too: else what comes an hour later would make a digest.
        state = "waiting" if message else "skipped"
        body = message.kept() if message else ""
        put = [self._store.sendings.add(key, "mail", to, body, now, state=state) for to, key in missing.items()]
        return sum(put) if message else 0

    def message(self, told: Told, settings: ServiceSettings, since: datetime, until: datetime) -> Message | None:
        """What a digest says; None where nothing was done and nothing waits.

        Args:
            told: who is told.
            settings: the service's settings.
            since: when the digest before was due.
            until: when this one is.
        """
        standing = [each for each in self._standings() if not told.sites or each.site in told.sites]
        runs = [run for run in self._store.watching.runs_ended(since, until) if _among(run.site, told)]
        waits = [notice for notice in self._store.notices.open() if _among(notice.site, told)]
        open_ends = self._open_ends(standing)
        if not runs and not waits and not open_ends:
            return None
        day = until.astimezone(ZoneInfo(settings.timezone))
        parts = (
            Part(tuple(_waiting(notice) for notice in waits), "What waits for a person"),
            Part(tuple(f"{each.profile}: {_sentence(each)}" for each in standing), "Profiles"),
            Part(tuple(map(_run, runs)), "What was done"),
            Part(tuple(open_ends), "What is left open"),
        )
        subject = (
            f"{counted(len(waits), 'thing')} {'waits' if len(waits) == 1 else 'wait'} for you"
            if waits
            else "all is well"
        )
        return Message(
            f"Matricula on {day:%d %B}: {subject}",
            tuple(part for part in parts if part.lines),
            linked(str(settings.address or ""), "/"),
            f"digest-{day:%Y%m%d-%H%M}",
        )

    def _standings(self) -> list[Standing]:
        try:
            return standings(self._home)
        except MatriculaError as error:  # one document that cannot be read must not keep the rest from being told
            logs.event("digest", code=error.code)
            return []

    def _open_ends(self, standing: list[Standing]) -> list[str]:
        problems = self._store.watching.counted_problems()
        found = []
        for each in standing:
            edits = self._store.drift.waiting(each.profile)
            parts = [counted(problems.get(each.profile, 0), "problem")] if problems.get(each.profile) else []
            parts += [f"{counted(edits, 'field')} edited in Moodle"] if edits else []
            if parts:
                found.append(f"{each.profile}: {', '.join(parts)}")
        return found


def last_due(at: str, timezone: str, now: datetime) -> tuple[datetime, datetime]:
    """When a daily time was last reached, and when the time before.

    On the day on which clocks skip it, it is reached as much later; where they show it twice, the first time counts.

    Args:
        at: the time, as `07:00`.
        timezone: where it is that time.
        now: the moment meant.

    Returns:
        the time before, and the last one.
    """
    zone = ZoneInfo(timezone)
    hour, minute = (int(part) for part in at.split(":"))
    day = now.astimezone(zone).date()
    moments = [
        datetime.combine(day - back * _DAY, time(hour, minute), tzinfo=zone).astimezone(UTC) for back in range(3)
    ]
    reached = [moment for moment in moments if moment <= now]
    return reached[1], reached[0]


def _among(site: str, told: Told) -> bool:
    return not told.sites or site in told.sites


def _waiting(notice: Notice) -> str:
    return f"{notice.subject} (since {notice.first_at:%d %B}{f', {notice.times} times' if notice.times > 1 else ''})"


def _sentence(each: Standing) -> str:
    """How a profile stands, without the commands that are named for the command line."""
    return {
        "Disabled": "It is switched off.",
        "Held": "Its newest plan waits for a person.",
        "Pending": "Nothing was written yet.",
        "Running": "It is being written now.",
        "Failed": "Its last run broke off.",
        "Queued": each.says,
        "Done": "All is written.",
    }[each.status]


def _run(run: Ended) -> str:
    told = ", ".join(f"{number:,} {_OUTCOMES.get(state, state)}" for state, number in run.counts.items())
    ending = "" if run.state == "done" else "; it broke off"
    return f"Run {run.id} of {run.profile} to {run.site}: {told or 'no change was carried out'}{ending}"
