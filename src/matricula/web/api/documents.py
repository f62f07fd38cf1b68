"""Documents: sites, sources, sinks, profiles, tools, imports and the service's settings, as YAML."""

from typing import Annotated

from fastapi import APIRouter, File, Header, Query, Response, UploadFile
from pydantic import BaseModel, Field

from matricula.errors import UsageError
from matricula.hub.uploads import Handed, hand_over, uploaded
from matricula.profiles.reading import content_of, parse_documents
from matricula.service.permissions import May
from matricula.store import Document
from matricula.web.api.shapes import DocumentShape, RevisionShape, SavedShape
from matricula.web.documents import document_of, may_see, save, take_away
from matricula.web.visit import Visit, needs

router = APIRouter(tags=["documents"])
LARGEST = 1_000_000

KINDS_TOLD = "`site`, `source`, `sink`, `profile`, `tool`, `import` or `service`."

Kind = Annotated[str | None, Query(description="Only of this kind: " + KINDS_TOLD)]
IfMatch = Annotated[str | None, Header(description="`ETag` of the revision that was edited.")]


Files = Annotated[list[UploadFile], File(description="The files of the roster, or one zip of them.")]


class Text(BaseModel):
    """Documents as they are written."""

    body: str = Field(max_length=LARGEST, description="YAML; several documents are divided by `---`.")


class FileShape(BaseModel):
    """A file that was handed over."""

    name: str = Field(description="Its name, with the folder that it was in within a zip.")
    size: int = Field(description="Its size in bytes.")


@router.get("/documents")
def documents(visit: Visit = needs(May.SEE), *, kind: Kind = None) -> list[DocumentShape]:
    """The newest revision of each document."""
    found = visit.service.store.documents.all(kind)
    return [_shape(each) for each in found if may_see(visit, each.kind, each.name)]


@router.post("/documents")
def load(text: Text, visit: Visit = needs(May.SEE)) -> list[SavedShape]:
    """Take documents in, all of them or, where one has a fault, none.

    Profiles need the right to operate on their sites, sources on all sites that use them. Sinks, tools and imports are
    the owner's of the sites concerned, as are sites and the service's settings.
    """
    return [SavedShape.of(each) for each in save(visit, text.body, "the request")]


@router.get("/documents/{kind}/{name}")
def document(kind: str, name: str, response: Response, visit: Visit = needs(May.SEE)) -> DocumentShape:
    """One document in its newest revision."""
    found = document_of(visit, kind, name)
    response.headers["etag"] = f'"{found.revision}"'
    return _shape(found)


@router.put("/documents/{kind}/{name}")
def replace(
    kind: str, name: str, text: Text, response: Response, visit: Visit = needs(May.SEE), *, if_match: IfMatch = None
) -> SavedShape:
    """Save a new revision of a document, or make it; with `If-Match`, only where nobody saved another in between."""
    written = parse_documents(text.body, "the request")
    if [(each.kind, each.name) for each in written] != [(kind, name)]:
        raise UsageError(
            f"The text is not the {kind} {name}.",
            where="body",
            remedy=f"It has to hold one document with `kind: {kind}` and `name: {name}`.",
            code="document-of-another-name",
        )
    saved = save(visit, text.body, "the request", _revision(if_match))[0]
    response.headers["etag"] = f'"{saved.revision}"'
    return SavedShape.of(saved)


@router.get("/documents/{kind}/{name}/revisions")
def revisions(kind: str, name: str, visit: Visit = needs(May.SEE)) -> list[RevisionShape]:
    """All revisions of a document, oldest first."""
    document_of(visit, kind, name)
    return [RevisionShape.of(each) for each in visit.service.store.documents.revisions(kind, name)]


@router.delete("/documents/{kind}/{name}", status_code=204)
def take_out(kind: str, name: str, visit: Visit = needs(May.SEE)) -> None:
    """Take a document out that no other names; a profile only while nothing of it was ever applied."""
    document_of(visit, kind, name)
    take_away(visit, kind, name)


@router.put("/sources/{source}/files")
def hand_over_files(source: str, files: Files, visit: Visit = needs(May.OPERATE)) -> list[FileShape]:
    """Hand files over for a source, in the place of those handed over before: one zip, or all files together."""
    hand_over(visit.service.home, source, [Handed(each.filename or "", each.file) for each in files])
    visit.note("source.uploaded", f"source {source}")
    return [FileShape(name=name, size=size) for name, size in uploaded(visit.service.home, source)]


def _shape(found: Document) -> DocumentShape:
    return DocumentShape.of(found, content=content_of(found.body))


def _revision(told: str | None) -> int | None:
    if told is None:
        return None
    plain = told.removeprefix("W/").strip('"')
    if not plain.isdigit() or len(plain) > 9:
        raise UsageError(
            "This is no revision.", where="If-Match", remedy="Give back the `ETag` that came.", code="revision-wrong"
        )
    return int(plain)
