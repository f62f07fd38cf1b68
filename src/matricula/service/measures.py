"""Figures for Prometheus: of the state, cached for some seconds, and of what this process did itself."""

import sys
import threading
import time
from collections.abc import Iterator, Mapping
from datetime import datetime
from importlib.metadata import version
from typing import Any, Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from matricula.errors import MatriculaError
from matricula.store import Figures, Store

CACHED: Final = 10.0
"""Seconds for which the state's figures are kept: many may ask, one asks the database."""
UNSERVED: Final = ("busy", "in-doubt", "token-refused", "access-refused", "not-moodle", "site-failure")
"""Codes of errors that say of a site that it did not serve."""
_OF_RUNS: Final = (1, 5, 15, 60, 300, 900, 3600, 4 * 3600)
_OF_REQUESTS: Final = (0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)


class Measures:
    """The figures of one process.

    Args:
        store: the state.
    """

    def __init__(self, store: Store) -> None:
        self._registry = CollectorRegistry(auto_describe=False)
        self._requests = Histogram(
            "matricula_http_request_seconds",
            "Time until an answer begins, by method, route and status",
            ("method", "route", "status"),
            buckets=_OF_REQUESTS,
            registry=self._registry,
        )
        self._state = _OfState(store, self._registry)
        build = Gauge("matricula_build_info", "What runs here", ("version", "python", "state"), registry=self._registry)
        kept = "sqlite" if store.is_file else "postgresql"
        build.labels(version("matricula"), ".".join(map(str, sys.version_info[:3])), kept).set(1)
        process = Gauge("matricula_start_time_seconds", "When this process began to serve", registry=self._registry)
        process.set_to_current_time()
        self._registry.register(self._state)

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request.

        Args:
            method: its HTTP method.
            route: the template of its route, without the values in it.
            status: what it was answered with.
            seconds: until the answer began.
        """
        self._requests.labels(method, route, str(status)).observe(seconds)

    def text(self) -> bytes:
        """All figures in Prometheus' text format."""
        return generate_latest(self._registry)


class _OfState(Collector):
    """What the state says; where it does not answer, that alone is told."""

    def __init__(self, store: Store, registry: CollectorRegistry) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._figures: Figures | None = None
        self._until = 0.0
        self._seen = store.measuring.seen()
        self._durations = Histogram(
            "matricula_run_seconds",
            "Time that runs took which ended since this process began",
            ("profile", "state"),
            buckets=_OF_RUNS,
            registry=registry,
        )
        self._changes = Counter(
            "matricula_changes",
            "Changes by what became of them, of runs that ended since this process began",
            ("profile", "outcome"),
            registry=registry,
        )

    def collect(self) -> Iterator[Metric]:
        figures = self._fresh()
        up = GaugeMetricFamily("matricula_state_up", "Whether the state database answers")
        up.add_metric((), 1 if figures else 0)
        yield up
        if figures:
            yield from _told(figures)

    def _fresh(self) -> Figures | None:
        with self._lock:
            if time.monotonic() >= self._until:
                self._figures = self._read()
                self._until = time.monotonic() + CACHED
            return self._figures

    def _read(self) -> Figures | None:
        try:
            ended, self._seen = self._store.measuring.ended_since(self._seen)
            figures = self._store.measuring.figures(UNSERVED)
        except MatriculaError:
            return None
        for run in ended:
            self._durations.labels(run.profile, run.state).observe(run.seconds)
            for outcome, number in run.outcomes.items():
                self._changes.labels(run.profile, outcome).inc(number)
        return figures


def _told(figures: Figures) -> Iterator[Metric]:
    yield _gauge("matricula_jobs", "Jobs that the state remembers", ("kind", "state"), figures.jobs)
    yield _gauge("matricula_jobs_due", "Jobs that could begin, and wait for a worker", (), {(): figures.due})
    waited = (figures.at - figures.oldest_due).total_seconds() if figures.oldest_due else 0.0
    yield _gauge("matricula_jobs_due_oldest_seconds", "How long the oldest of them has waited", (), {(): waited})
    for name, what, counts in (
        ("matricula_plans_held", "Plans that wait for a person", figures.held),
        ("matricula_problems_open", "Records that a site would not take", figures.problems),
        ("matricula_identities_open", "People whose account somebody has to name", figures.identities),
        ("matricula_drift_open", "Fields edited in Moodle that nobody has looked at", figures.drift),
    ):
        yield _gauge(name, what, ("profile",), {(profile,): number for profile, number in counts.items()})
    for name, what, moments in (
        ("matricula_last_success_timestamp_seconds", "When a profile last ended as it should", figures.successes),
        ("matricula_last_delivery_timestamp_seconds", "When the last delivery that went through was read",
         figures.deliveries),
    ):  # fmt: skip
        yield _gauge(name, what, ("profile",), {(profile,): at.timestamp() for profile, at in moments.items()})
    serves = {(site,): int(served) for site, served in figures.sites.items()}
    yield _gauge("matricula_site_up", "Whether a site served when it was last asked for something", ("site",), serves)
    silent = {(worker,): _age(figures.at, at) for worker, at in figures.workers.items()}
    yield _gauge("matricula_worker_silent_seconds", "Since when a worker was not heard of", ("worker",), silent)
    yield _gauge("matricula_messages_waiting", "Messages that wait to be sent", (), {(): figures.unsent})
    if figures.backed_up:
        at = figures.backed_up.timestamp()
        yield _gauge("matricula_last_backup_timestamp_seconds", "When `matricula backup` last ended", (), {(): at})


def _age(now: datetime, at: datetime) -> float:
    return max(0.0, (now - at).total_seconds())


def _gauge(name: str, what: str, labels: tuple[str, ...], values: Mapping[Any, float]) -> Metric:
    family = GaugeMetricFamily(name, what, labels=labels)
    for given, value in values.items():
        family.add_metric(given, value)
    return family
