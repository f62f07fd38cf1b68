"""Rows of the state's tables in words."""

from collections.abc import Mapping

from matricula.cli.screen import counted

#: What a row of each table is called.
WORDS = {
    "ledger": ("ledger row", "ledger rows"),
    "plan": ("plan", "plans"),
    "change": ("change", "changes"),
    "finding": ("finding", "findings"),
    "outcome": ("outcome", "outcomes"),
    "batch": ("noted call", "noted calls"),
    "problem": ("problem", "problems"),
    "identity": ("identity", "identities"),
    "drift": ("edited field", "edited fields"),
    "kept_grade": ("kept grade", "kept grades"),
    "kept_table": ("row of kept deliveries", "rows of kept deliveries"),
    "kept_delivery": ("kept delivery", "kept deliveries"),
    "plan_audit": ("audit entry", "audit entries"),
    "audited": ("entry of the audit log", "entries of the audit log"),
    "observation": ("count of a site", "counts of sites"),
    "delivery": ("count of a delivery", "counts of deliveries"),
    "secret": ("secret", "secrets"),
    "run": ("run", "runs"),
    "notice": ("notice", "notices"),
    "sending": ("message", "messages"),
    "received": ("request of another system", "requests of other systems"),
    "wish": ("wish", "wishes"),
    "job": ("job", "jobs"),
    "job_line": ("line of a job's log", "lines of jobs' logs"),
}


def told_counts(counts: Mapping[str, int]) -> str:
    """Numbers of rows by table as one phrase: `3 ledger rows, 1 problem`."""
    return ", ".join(
        counted(number, *WORDS.get(name, (f"row of {name}", f"rows of {name}"))) for name, number in counts.items()
    )
