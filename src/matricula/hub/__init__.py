"""The composition root: the only place that picks adapters and reads settings."""

from matricula.hub.home import Home, default_home
from matricula.hub.hub import Hub, Planned
from matricula.hub.report import outcomes_of, runs_of, stored_plan
from matricula.hub.why import Answer, Fact, explain

__all__ = [
    "Answer",
    "Fact",
    "Home",
    "Hub",
    "Planned",
    "default_home",
    "explain",
    "outcomes_of",
    "runs_of",
    "stored_plan",
]
