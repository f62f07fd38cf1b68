"""Questions that no function answers, put so that nothing can be written by asking."""

from collections.abc import Callable
from typing import Any

from matricula.errors import SettingError
from matricula.moodle.errors import Refused
from matricula.moodle.shapes import records
from matricula.moodle.transport import OWN_FIELDS

GET_USERS_BY_FIELD = "core_user_get_users_by_field"
_LADDER = (4900, 960, 240)  # just below what Moodle recommends, what PHP comes with, and very little
_BETWEEN = {960: 2400}  # worth one more call: a limit between PHP's own and Moodle's recommendation

Call = Callable[[str, dict[str, Any]], Any]


def form_fields(call: Call, user_id: int) -> int:
    """How many form fields a call may have, asked with `core_user_get_users_by_field`.

    PHP drops the fields beyond `max_input_vars` without a word. A call whose last field names an existing
    user shows it: if that user does not come back, the end of the form was lost. Three calls at most.

    Args:
        call: makes one reading call.
        user_id: a user that the token's user can see: itself.

    Returns:
        fields that surely arrive, the client's own left aside; a safe lower bound, not the exact limit.

    Raises:
        SettingError: not even the smallest call arrives whole.
        MoodleError: the call itself failed.
    """
    for size in _LADDER:
        if _arrives(call, user_id, size):
            larger = _BETWEEN.get(size)
            return larger if larger and _arrives(call, user_id, larger) else size
    raise SettingError(
        f"The site loses form fields even in calls with {_LADDER[-1]}.",
        where=GET_USERS_BY_FIELD,
        remedy="Set max_input_vars = 5000 in the site's PHP settings, or allow the token's user to see itself.",
        code="form-fields",
    )


def _arrives(call: Call, user_id: int, size: int) -> bool:
    missing = size - OWN_FIELDS - 1
    try:
        came = call(GET_USERS_BY_FIELD, {"field": "id", "values": [0] * missing + [user_id]})
    except (Refused, SettingError) as error:
        # no word of Moodle's: a filter that dislikes large forms, or PHP's warning printed before the answer
        if getattr(error, "errorcode", "") or size == _LADDER[-1]:
            raise
        return False
    return any(row.get("id") == user_id for row in records(came, GET_USERS_BY_FIELD))
