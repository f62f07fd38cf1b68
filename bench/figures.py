"""Figures and their bounds."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One measured figure.

    Args:
        name: what was measured.
        value: the figure, in the bound's unit.
        bound: the largest value allowed.
        unit: for people.
        detail: what the figure was computed from.
    """

    name: str
    value: float
    bound: float
    unit: str
    detail: str

    @property
    def holds(self) -> bool:
        """Whether the bound is kept."""
        return self.value <= self.bound


def table(figures: Sequence[Figure]) -> str:
    """Figures as lines of text, one each, with what they come from below."""
    lines = [f"{'figure':<42} {'measured':>12} {'at most':>12}"]
    for figure in figures:
        measured, bound = (f"{value:.4g} {figure.unit}".rstrip() for value in (figure.value, figure.bound))
        lines.append(f"{figure.name:<42} {measured:>12} {bound:>12}  {'OK' if figure.holds else 'MISSED'}")
        lines.append(f"    {figure.detail}")
    return "\n".join(lines)
