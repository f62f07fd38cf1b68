"""One kind of finding."""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Code:
    """One kind of finding.

    Args:
        code: stable short name, for machines and for looking it up.
        severity: `error` where something of the delivery could not be used, `warning` where it was used after all.
        meaning: what was found and what was done about it.
        remedy: what the school or the vendor changes so that it does not come again.
    """

    code: str
    severity: Severity
    meaning: str
    remedy: str
