"""Who asks, and what may be done."""

from fastapi import APIRouter

from matricula.service.permissions import May
from matricula.web.api.shapes import MeShape, RoleShape
from matricula.web.visit import Visit, needs

router = APIRouter(tags=["account"])


@router.get("/me")
def me(visit: Visit = needs(May.SEE)) -> MeShape:
    """Who asks, and what may be done."""
    account = visit.visitor.account
    return MeShape(
        name=account.name,
        display=account.display,
        token=visit.visitor.token or None,
        roles=[RoleShape.of(each) for each in visit.visitor.within or visit.visitor.roles],
    )
