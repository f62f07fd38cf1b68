"""What Moodle says about single rows of a call that went through otherwise."""

from dataclasses import dataclass
from typing import Any

from matricula.moodle.shapes import inner, optional_number, text


@dataclass(frozen=True, slots=True)
class RowWarning:
    """One row that was left out or only partly done, while the others went through.

    Args:
        item: kind of record, for example `user` or `course`; empty where Moodle does not say.
        item_id: Moodle's id of it, `None` where Moodle does not say.
        code: Moodle's warning code. `dmlwriteexception` of `core_user_update_users` stands for a taken
            username, a value that is too long, and a deadlock alike.
        message: Moodle's words, in the language of the token's user.
    """

    item: str
    item_id: int | None
    code: str
    message: str


def warnings_of(value: Any, function: str) -> list[RowWarning]:
    """The warnings in an answer of a writing function; `None` answers have none."""
    if value is None:
        return []
    return [
        RowWarning(
            item=text(row, "item"),
            item_id=optional_number(row, "itemid"),
            code=text(row, "warningcode"),
            message=text(row, "message"),
        )
        for row in inner(value, "warnings", function, wrote=True)
    ]
