"""The job `import`: looks first, and writes just what was shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jobs_seen import ended
from matricula.hub import Hub

if TYPE_CHECKING:
    from corridor import Corridor

    from matricula.service import Service


def test_looked_at_and_written_by_its_checksum(corridor: Corridor, service: Service) -> None:
    corridor.school(20)
    corridor.hub.apply(corridor.plan().number)
    corridor.home.load("kind: import\nname: first\nsite: moodle\nunenrolled: staff\n", "test", corridor.home.folder)
    service.start()
    looked = ended(service, service.jobs.ask("import", site="moodle", by="ann").id)
    assert looked.state == "done", looked.error
    assert looked.result["counts"]["person"]["add"] >= 20
    assert corridor.home.store.imported.rows("first") == []
    given = {"document": "first", "checksum": "of something else"}
    refused = ended(service, service.jobs.ask("import", site="moodle", arguments=given, by="ann").id)
    assert (refused.state, refused.error["code"]) == ("failed", "import-changed")
    given = {"checksum": looked.result["checksum"], "profile": "back"}
    written = ended(service, service.jobs.ask("import", site="moodle", arguments=given, by="ann").id)
    assert written.state == "done", written.error
    assert written.result["files"] >= 8
    assert Hub(corridor.home).plan("back").changes.height == 0
