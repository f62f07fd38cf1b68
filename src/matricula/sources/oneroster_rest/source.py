"""The source: a OneRoster service read in full, or as changes since the reading before."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import polars as pl

from matricula.errors import SettingError
from matricula.roster import Delivery, Draft, FindingBook, Marker
from matricula.sources.oneroster_rest import changes, rows
from matricula.sources.oneroster_rest.collection import Frames, Reader, Whole
from matricula.sources.oneroster_rest.service import NoSuchCollectionError, QueryRefusedError, Record, Service
from matricula.sources.oneroster_rest.settings import PATHS, OneRosterRestSettings
from matricula.sources.protocol import Surroundings
from matricula.sources.records import draft_of
from matricula.sources.web import WebClient, auth_of

_MODIFIED, _OWNER = "dateLastModified", "sourcedId"


def _now() -> datetime:
    return datetime.now(UTC)


class OneRosterRest:
    """A source that reads a OneRoster service (REST).

    Args:
        settings: where it is and how it is read.
        surroundings: where the secret comes from.
        now: the time; for tests.
    """

    Settings = OneRosterRestSettings

    def __init__(
        self,
        settings: OneRosterRestSettings,
        surroundings: Surroundings | None = None,
        now: Callable[[], datetime] = _now,
    ) -> None:
        self.settings = settings
        self._surroundings = surroundings or Surroundings()
        self._now = now

    def deliver(self, since: Marker | None = None) -> Delivery:
        """Read the service: everything, or what changed where that is enough.

        Raises:
            SettingError: address, credentials, certificate or a school are wrong.
            WaitError: the service is out of reach or busy, or changes faster than it is read.
            StopError: what it hands over cannot be used.
        """
        settings = self.settings
        auth = auth_of(settings.auth, self._surroundings.secret, settings.scopes)
        example = f"https://sis.school.example{PATHS[settings.version]}"
        with WebClient(auth, settings.base, example, timeout=settings.timeout, ca_file=settings.ca_file) as client:
            full = changes.is_due(since, settings.full_every, self._now())
            reading = _Reading(settings, Service(settings, client), self._surroundings, self._now())
            return reading.delivery(None if full else since, client)


class _Reading:
    """One reading of the service."""

    def __init__(
        self, settings: OneRosterRestSettings, service: Service, surroundings: Surroundings, now: datetime
    ) -> None:
        self._settings = settings
        self._version = settings.version
        self._book = FindingBook()
        self._reader = Reader(service, settings.limit, self._book, surroundings.say)
        self._say = surroundings.say
        self._now = now
        self._marker: dict[str, str] = {}
        self._notes: list[str] = []

    def delivery(self, since: Marker | None, client: WebClient) -> Delivery:
        """Read all collections; with a marker only what changed, as far as the service can tell."""
        self._marker[changes.FULL] = since[changes.FULL] if since else self._now.isoformat()
        drafts: dict[str, Draft] = {}
        missing: list[NoSuchCollectionError] = []
        for name in rows.COLLECTIONS:
            self._say(f"reading {name}")
            try:
                drafts |= self._collection(name, since.get(name, "") if since else "")
            except NoSuchCollectionError as error:
                missing.append(error)
                message = f"The service has no {name} (404); nothing is known of them."
                self._book.add("collection-missing", message, file=name, table=name)
        if not drafts:
            raise missing[0]
        self._notes.append(f"It took {client.requests} requests.")
        return Delivery(
            drafts,
            self._version,
            self._settings.base,
            self._book,
            marker=self._marker,
            notes=tuple(self._notes),
        )

    def _collection(self, name: str, since: str) -> dict[str, Draft]:
        from_then = changes.moment(since)
        read = self._changed(name, from_then) if from_then else None
        changed = read is not None
        if read is None:
            since = ""
            read = self._reader.whole(name, self._convert(name, changed=False), {})
            self._check_schools(name, read)
        modified = _all_modified(read.frames)
        asked_next = changes.next_moment(since, modified, changes.clock(read.date), self._now)
        if asked_next:
            self._marker[name] = asked_next
        return self._drafts(read, changed=changed)

    def _changed(self, name: str, since: datetime) -> Whole | None:
        """What changed; None where the service cannot tell."""
        query = {"filter": changes.filter_of(since)}
        try:
            read = self._reader.whole(name, self._convert(name, changed=True), query)
        except NoSuchCollectionError:  # some services answer so where a filter leaves nothing
            return None
        except QueryRefusedError:
            self._notes.append(f"{name}: the service takes no filter; everything was read.")
            return None
        if not read.adds_up or changes.is_ignored(since, _all_modified(read.frames)):
            self._notes.append(f"{name}: the service does not mind the filter; everything was read.")
            return None
        return read

    def _convert(self, name: str, *, changed: bool) -> Callable[[Sequence[Record]], Frames]:
        """Makes frames of a page: records that are gone, or of other schools, stay only where changes are read."""
        version, schools = self._version, self._settings.schools

        def frames(records: Sequence[Record]) -> Frames:
            dates = pl.DataFrame({_MODIFIED: [str(each.get(_MODIFIED) or "") for each in records]})
            away = [rows.is_gone(each) or rows.outside(name, version, each, schools) for each in records]
            pairs = list(zip(records, away, strict=True))
            here = [each for each, gone in pairs if not gone]
            kept = [rows.as_gone(each) if gone else each for each, gone in pairs] if changed else here
            made = {name: rows.rows_of(name, version, kept), _MODIFIED: dates}
            if name == "users" and version == "1.2":
                made["roles"] = rows.roles_of(here)
            return made

        return frames

    def _check_schools(self, name: str, read: Whole) -> None:
        """Refuse schools that are not there: everyone would seem to be gone."""
        if name != "orgs":
            return
        orgs = read.frames[name]
        unknown = [school for school in self._settings.schools if school not in orgs["sourcedId"]]
        if unknown:
            shown = orgs.head(20).select(pl.format("{} ({})", "sourcedId", pl.col("name").fill_null("?"))).to_series()
            raise SettingError(
                f"The service has no school {', '.join(unknown)}.",
                where="source, schools",
                remedy=f"Write sourcedIds; there are: {', '.join(shown)}{', …' if orgs.height > 20 else ''}.",
                code="school-unknown",
            )

    def _drafts(self, read: Whole, *, changed: bool) -> dict[str, Draft]:
        frames = {name: frame for name, frame in read.frames.items() if name != _MODIFIED}
        drafts = {
            name: draft_of(
                name,
                self._version,
                frame,
                next(iter(frames)),
                self._book,
                complete=read.adds_up and not changed,
                changes=changed,
            )
            for name, frame in frames.items()
        }
        if changed and "roles" in drafts:
            drafts["roles"].renewed_owners.update(frames["users"][_OWNER].drop_nulls())
        return drafts


def _all_modified(frames: Frames) -> list[str]:
    """Every date of change that came, also of records that were passed over."""
    return frames[_MODIFIED][_MODIFIED].unique().to_list()
