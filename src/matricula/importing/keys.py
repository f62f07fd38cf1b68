"""sourcedIds: the ID number where it can be one, else one made of the Moodle id; once given they never change."""

import re
from collections import Counter
from collections.abc import Iterable
from typing import Final

from matricula.importing.rules import RULES
from matricula.roster import Finding

_FIT: Final = re.compile(r"[!-~]{1,100}")
_UNFIT_SIGNS: Final = frozenset(",\"'\\")
_OURS: Final = "moodle-"


class Keys:
    """Gives keys to the records of one kind.

    Args:
        kind: its word in keys: `user`, `course`, `category`.
        table: the roster's table, for findings.
        known: keys that were given before, by Moodle id.
        reserved: keys that are something else's.
    """

    def __init__(self, kind: str, table: str, known: dict[str, str], reserved: Iterable[str] = ()) -> None:
        self._kind = kind
        self._table = table
        self._known = dict(known)
        self._taken = {key.casefold() for key in (*known.values(), *reserved)}
        self.findings: list[Finding] = []

    def give(self, records: Iterable[tuple[int, str, str]]) -> dict[int, str]:
        """Keys by Moodle id.

        Args:
            records: Moodle id, ID number and name of each.
        """
        rows = sorted(records)
        shared = Counter(idnumber.strip().casefold() for _, idnumber, _ in rows)
        return {number: self._one(number, idnumber.strip(), name, shared) for number, idnumber, name in rows}

    def _one(self, number: int, idnumber: str, name: str, shared: Counter[str]) -> str:
        if (known := self._known.get(str(number))) is not None:
            return known
        key = idnumber
        if not idnumber or shared[idnumber.casefold()] > 1 or not self._fits(idnumber):
            if idnumber:
                alike = shared[idnumber.casefold()] > 1
                rule = RULES["import-idnumber-shared" if alike else "import-idnumber-unfit"]
                self.findings.append(rule.finding(sourced_id="", line=None, value=idnumber, told={"name": name}))
            key = f"{_OURS}{self._kind}-{number}"
        self._taken.add(key.casefold())
        return key

    def _fits(self, idnumber: str) -> bool:
        return (
            _FIT.fullmatch(idnumber) is not None
            and not _UNFIT_SIGNS & set(idnumber)
            and not idnumber.casefold().startswith(_OURS)
            and idnumber.casefold() not in self._taken
        )
