"""Custom fields that a profile maps and a site does not have: Moodle takes values for them and throws them away."""

from collections.abc import Collection

from matricula.planning.ground import Ground
from matricula.planning.rules import RULES


def warn_of_unknown(ground: Ground, what: str, mapped: Collection[str], known: Collection[str]) -> None:
    """Report, once in a plan, fields that the site does not tell of.

    Args:
        ground: the plan's ground, to whose findings they are added.
        what: `course` or `user`.
        mapped: short names of the fields that the profile maps.
        known: short names of the fields that the site tells of.
    """
    there = {name.lower() for name in known}
    for name in mapped:
        if name.lower() in there:
            continue
        finding = RULES["custom-field-unknown"].finding(sourced_id="", line=None, value=name, told={"what": what})
        if finding not in ground.findings:
            ground.findings.append(finding)
