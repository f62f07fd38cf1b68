"""The first import of a site: what the last look at it showed. Looking and writing are jobs."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from matricula.hub.import_seen import ImportSeen, changes_seen, import_seen
from matricula.hub.importing import import_settings
from matricula.service.permissions import May
from matricula.web.api.paging import Limit
from matricula.web.visit import Visit, needs

router = APIRouter(tags=["imports"])


class ImportShape(BaseModel):
    """What would be written."""

    name: str = Field(description="The import.")
    to: str = Field(description="Where to.")
    year: str = Field(description="The academic year that counts as the current one.")
    at: datetime = Field(description="When it was looked at.")
    checksum: str = Field(description="With it as argument a job `import` writes just this.")
    counts: dict[str, dict[str, int]] = Field(description="Changes by kind and action.")
    kept: dict[str, int] = Field(description="Records by kind that are no longer in Moodle and stay.")
    findings: list[dict[str, str]] = Field(description="What to look at, the first 20 of each code.")
    finding_counts: dict[str, int] = Field(description="How many findings there are of each code.")
    changes: list[dict[str, Any]] = Field(description="Changes of the kind that was asked for.")


@router.get("/sites/{site}/import")
def seen(
    site: str,
    visit: Visit = needs(May.OWN),
    *,
    document: Annotated[str | None, Query(description="The import, where the site has several.")] = None,
    kind: Annotated[str, Query(description="Of which kind the changes are given; of none where it is left out.")] = "",
    offset: Annotated[int, Query(ge=0, description="So many changes are passed over.")] = 0,
    limit: Limit = 100,
) -> ImportShape | None:
    """What the last look showed; null where nobody has looked, or it has been written."""
    home = visit.service.home
    found = import_seen(home, import_settings(home, site, document).name, site)
    return None if found is None else _shape(found, changes_seen(home, found, kind, offset, limit))


def _shape(found: ImportSeen, changes: list[dict[str, Any]]) -> ImportShape:
    told = {name: getattr(found, name) for name in ImportShape.model_fields.keys() - {"changes"}}
    return ImportShape(**told | {"findings": list(found.findings), "changes": changes})
