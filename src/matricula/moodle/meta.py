"""Meta links: everybody enrolled in one course is enrolled in another one too. Needs the plugin enrol_meta."""

from matricula.moodle.family import Family
from matricula.moodle.shapes import flag, records, unexpected

_ADD = "enrol_meta_add_instances"
_REMOVE = "enrol_meta_delete_instances"


class Meta(Family):
    """Calls about meta links, one link a call: Moodle does not take back a batch that fails half-way."""

    def link(self, parent: int, child: int) -> bool:
        """Enrols everybody of the child course in the parent course too (`enrol_meta_add_instances`).

        Returns:
            whether the link was made now; false where it was there already.

        Raises:
            Refused: one of the courses is missing.
            MoodleError: one of the tree.
        """
        return self._one(_ADD, parent, child)

    def unlink(self, parent: int, child: int) -> bool:
        """Takes the link away, and with it the enrolments it made (`enrol_meta_delete_instances`).

        Returns:
            whether there was one.

        Raises:
            Refused: one of the courses is missing.
            MoodleError: one of the tree.
        """
        return self._one(_REMOVE, parent, child)

    def _one(self, function: str, parent: int, child: int) -> bool:
        answer = self._moodle.write(function, {"instances": [{"metacourseid": parent, "courseid": child}]})
        rows = records(answer, function, wrote=True)
        if len(rows) != 1:
            raise unexpected("one record", answer, function, wrote=True)
        return flag(rows[0], "status")
