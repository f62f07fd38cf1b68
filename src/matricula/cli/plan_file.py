"""A plan written into a file of its own."""

from pathlib import Path

from matricula.cli.new_file import write_new
from matricula.errors import UsageError
from matricula.hub.changes_told import Teller
from matricula.hub.plan_file import FORMS, Shown, plan_text


def write_plan(file: Path, shown: Shown, teller: Teller) -> None:
    """Write what is shown into a new file, as its ending says.

    Args:
        file: ends in `.html`, `.csv` or `.json`.
        shown: what.
        teller: tells values in words.

    Raises:
        UsageError: it ends otherwise, is there already, or cannot be made.
    """
    form = file.suffix.lower().removeprefix(".")
    if form not in FORMS:
        raise UsageError(
            f"A plan is not written as “{file.suffix or file.name}”.",
            where=str(file),
            remedy=f"Let the name end in one of {', '.join(f'.{each}' for each in FORMS)}.",
            code="file-form-unknown",
        )
    write_new(file, plan_text(form, shown, teller))
