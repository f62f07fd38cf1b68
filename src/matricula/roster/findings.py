"""What was found wrong with a roster, and where."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from matricula.errors import StopError
from matricula.roster.codes import CODES, Severity
from matricula.roster.tables import TABLES

VALUE_LENGTH = 60
SHOWN_IN_ERROR = 20
LINES_NAMED = 10


@dataclass(frozen=True)
class Finding:
    """One thing wrong with a delivery; the same thing in many rows is one finding with a count.

    Args:
        code: which kind of finding; see `matricula.roster.codes`.
        severity: `error` where something could not be used, `warning` where it was used after all.
        message: what was wrong, in one sentence.
        file: the file's name, empty where the whole delivery is meant.
        line: the first line concerned, from 1; None where no line is meant.
        column: OneRoster's name of the column, empty where none is meant.
        value: the first value concerned, shortened; empty where showing it would tell nothing or too much.
        remedy: what mends it.
        table: the roster's table concerned, empty where none is.
        sourced_id: the first record concerned, empty where unknown.
        count: how many rows have it.
        lines: the first `LINES_NAMED` lines concerned, where there are several.
    """

    code: str
    severity: Severity
    message: str
    file: str = ""
    line: int | None = None
    column: str = ""
    value: str = ""
    remedy: str = ""
    table: str = ""
    sourced_id: str = ""
    count: int = 1
    lines: tuple[int, ...] = ()

    @property
    def place(self) -> str:
        """Where it is, for people: `users.csv line 17, column role`; `users, record 4711` where there are no lines."""
        return place_of(self.file, self.line, self.sourced_id, self.column)

    def __str__(self) -> str:
        place = f"{self.place}: " if self.place else ""
        return f"{place}{self.message}{self._others()} {self.remedy}".strip()

    def _others(self) -> str:
        if self.count == 1:
            return ""
        if not self.lines:
            return f" ({self.count} rows)"
        named = ", ".join(str(line) for line in self.lines)
        return f" ({self.count} rows: lines {named}{', …' if self.count > len(self.lines) else ''})"


def place_of(file: str, line: int | None, sourced_id: str, column: str) -> str:
    """Where something was found, for people.

    Args:
        file: the file, or what else the table was read from.
        line: its line, where lines mean something.
        sourced_id: the record, named where no line is.
        column: the column.
    """
    place = f"{file} line {line}".strip() if line is not None else file
    record = f"record {sourced_id}" if line is None and sourced_id else ""
    return ", ".join(part for part in (place, record, f"column {column}" if column else "") if part)


def shortened(value: object) -> str:
    """A cell as it may be shown: at most `VALUE_LENGTH` characters, on one line."""
    text = " ".join(str(value).split())
    return text if len(text) <= VALUE_LENGTH else text[: VALUE_LENGTH - 1] + "…"


class FindingBook:
    """Collects findings while a delivery is read.

    Args:
        found: those that there are already.
    """

    def __init__(self, found: Iterable[Finding] = ()) -> None:
        self._findings: list[Finding] = list(found)

    def add(
        self,
        code: str,
        message: str,
        *,
        file: str = "",
        line: int | None = None,
        column: str = "",
        value: object = "",
        table: str = "",
        sourced_id: str | None = "",
        count: int = 1,
        lines: Iterable[int | None] = (),
    ) -> None:
        """Note one finding; severity and remedy follow from the code. Parameters as in `Finding`."""
        kind = CODES[code]
        self._findings.append(
            Finding(
                code=code,
                severity=kind.severity,
                message=message,
                file=file,
                line=line,
                column=column,
                value=shortened(value),
                remedy=kind.remedy,
                table=table,
                sourced_id=sourced_id or "",
                count=count,
                lines=tuple(number for number in lines if number is not None) if count > 1 else (),
            )
        )

    def __iter__(self) -> Iterator[Finding]:
        return iter(self._findings)

    def sorted(self) -> tuple[Finding, ...]:
        """All findings: errors first, then the manifest, then table by table, line by line."""
        order = {name: number for number, name in enumerate(TABLES)}
        return tuple(
            sorted(
                self._findings,
                key=lambda found: (
                    found.severity != "error",
                    order.get(found.table, -1),
                    found.file,
                    found.line or 0,
                    found.column,
                    found.code,
                    found.value,
                ),
            )
        )


class DeliveryRefusedError(StopError):
    """A delivery is not by the standard and the source is set to `strict`.

    Args:
        findings: everything that was found.
        origin: where the delivery came from.
    """

    def __init__(self, findings: Iterable[Finding], origin: str) -> None:
        self.findings = tuple(findings)
        shown = "\n".join(f"  {finding}" for finding in self.findings[:SHOWN_IN_ERROR])
        rest = len(self.findings) - SHOWN_IN_ERROR
        more = f"\n  … and {rest} more." if rest > 0 else ""
        super().__init__(
            f"The delivery has {len(self.findings)} findings and the source is set to strict:\n{shown}{more}\n",
            where=origin,
            remedy="Mend them, or read the delivery without strict: then only the rows concerned are left out.",
            code="delivery-refused",
        )
