"""The settings of a site, a source or the service as a page: a form and its text, which are the same document."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.responses import Response

from matricula.errors import MatriculaError, SettingError, StopError, UsageError
from matricula.hub.documents import save
from matricula.profiles.altering import altered, document
from matricula.profiles.reading import content_of
from matricula.web.settings_form import Entry, as_sent, changes, faults_by_path, filled, untold
from matricula.web.visit import Visit


@dataclass(frozen=True)
class DocumentPage:
    """The settings of one document.

    Args:
        kind: the kind of document.
        name: its name.
        form: the fields of its form, empty, by what it says.
        template: the page.
        more: what else the page shows.
        begun: what it says, by path, where nobody has saved one yet.
    """

    kind: str
    name: str
    form: Callable[[Mapping[str, Any]], tuple[Entry, ...]]
    template: str
    more: Callable[[], dict[str, Any]]
    begun: Mapping[str, Any] = field(default_factory=dict)

    def show(self, visit: Visit, sent: Mapping[str, str], error: MatriculaError | None = None) -> Response:
        """The page, with what was sent where that was refused."""
        body, revision = self._kept(visit)
        content = content_of(body)
        form, faults = filled(self.form(content), content), faults_by_path(error)
        if sent and "body" not in sent:
            form = as_sent(form, sent, faults)
        return visit.page(
            self.template,
            status=422 if error else 200,
            form=form,
            body=sent.get("body", body),
            revision=sent.get("revision", revision),
            error=error,
            faults=faults,
            rest=untold(form, faults),
            as_text="body" in sent,
            **self.more(),
        )

    def save(self, visit: Visit, sent: Mapping[str, str]) -> Response | None:
        """Save what was sent, from the form or as text; the page anew where that is refused."""
        before, _ = self._kept(visit)
        told = sent.get("revision", "")
        try:
            if "body" in sent:
                body = sent["body"].replace("\r\n", "\n")
            else:
                content = content_of(before)
                body = altered(before, changes(filled(self.form(content), content), sent))
            revision = int(told) if told.isdigit() else None
            save(visit.service.home, self.kind, self.name, body, revision=revision)
        except (SettingError, StopError, UsageError) as error:
            return self.show(visit, sent, error)
        visit.note(f"{self.kind}.saved", f"{self.kind} {self.name}")
        return None

    def _kept(self, visit: Visit) -> tuple[str, int]:
        """The text, and its revision; 0 where nobody has saved one yet."""
        kept = visit.service.store.documents.get(self.kind, self.name)
        return (kept.body, kept.revision) if kept else (document(self.kind, self.name, self.begun), 0)
