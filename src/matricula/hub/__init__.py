"""The composition root: the only place that picks adapters and reads settings."""

from matricula.hub.grades import is_transfer
from matricula.hub.held import reject_command, release_command
from matricula.hub.home import Home, default_home
from matricula.hub.hub import Hub
from matricula.hub.parting import Chosen
from matricula.hub.publishing import Target, is_publication
from matricula.hub.report import outcomes_of, runs_of, stored_plan
from matricula.hub.storing import Planned
from matricula.hub.undo import UNDO, is_undo
from matricula.hub.why import Answer, explain
from matricula.hub.why_lines import Fact

__all__ = [
    "UNDO",
    "Answer",
    "Chosen",
    "Fact",
    "Home",
    "Hub",
    "Planned",
    "Target",
    "default_home",
    "explain",
    "is_publication",
    "is_transfer",
    "is_undo",
    "outcomes_of",
    "reject_command",
    "release_command",
    "runs_of",
    "stored_plan",
]
