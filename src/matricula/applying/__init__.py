"""Applying: a stored plan carried out, journaled, and settled wherever it was cut off."""

from matricula.applying.apply import Applied, apply_plan
from matricula.applying.progress import Progress, Silent
from matricula.applying.recovery import recover

__all__ = ["Applied", "Progress", "Silent", "apply_plan", "recover"]
