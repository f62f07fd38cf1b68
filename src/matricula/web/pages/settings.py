"""Settings: what there is to set, the service's own document, and the secrets that it names."""

import shutil
from importlib.metadata import version
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from matricula.errors import SettingError, UsageError
from matricula.profiles.documents import ServiceSettings
from matricula.service.permissions import May
from matricula.web.document_page import DocumentPage
from matricula.web.rendering import go
from matricula.web.settings_form import form_of
from matricula.web.source_form import texts_of
from matricula.web.visit import Visit, needs

router = APIRouter()


@router.get("/settings", name="settings")
def overview(visit: Visit = needs(May.SEE)) -> Response:
    """What there is to set."""
    about = _about(visit) if visit.may(May.OWN, "") else None
    return visit.page("settings", about=about)


@router.get("/settings/service")
def service(visit: Visit = needs(May.OWN)) -> Response:
    """The service's document, and the secrets that it names."""
    return _document(visit).show(visit, {})


@router.post("/settings/service")
async def save_service(request: Request, visit: Visit = needs(May.OWN)) -> Response:
    """Save the service's document, from the form or as text."""
    return await run_in_threadpool(_saved, visit, texts_of(await request.form()))


@router.post("/settings/secrets")
def keep_secret(
    name: Annotated[str, Form()] = "", secret: Annotated[str, Form()] = "", visit: Visit = needs(May.OWN)
) -> Response:
    """Keep a secret that the service's document names."""
    if name not in secrets_named(visit.service.home.service()):
        raise UsageError(
            "The service names no such secret.",
            where="settings",
            remedy="Name it in the settings first, where it is used; then enter it.",
            code="secret-not-named",
        )
    visit.service.home.keep_secret(name, secret)
    visit.note("secret.kept", f"secret {name}")
    return go(visit.request, "/settings/service", f"The secret {name} is kept, encrypted. It is never shown.")


def secrets_named(settings: ServiceSettings) -> dict[str, str]:
    """The secrets that the service's document names, with what each is for."""
    named: dict[str, str] = {}
    if settings.mail is not None and settings.mail.secret:
        named[settings.mail.secret] = f"the password at the mail server {settings.mail.host}"
    if settings.sign_on is not None and settings.sign_on.secret:
        named[settings.sign_on.secret] = f"what {settings.sign_on.issuer} gave for signing on"
    portal = settings.portal
    if portal is not None and portal.provider is not None and portal.provider.secret:
        named[portal.provider.secret] = f"what {portal.provider.issuer} gave for the portal"
    named |= {each.secret: f"what the webhook {each.name} is signed with" for each in settings.hooks_out}
    return named | {each.secret: f"what {each.name} signs its requests with" for each in settings.hooks_in}


def _document(visit: Visit) -> DocumentPage:
    home = visit.service.home
    return DocumentPage(
        "service",
        "service",
        lambda _: form_of(ServiceSettings),
        "settings_service",
        lambda: (
            {
                "secrets": [(name, says, home.has_secret(name)) for name, says in _named(visit).items()],
            }
            | _published(visit)
        ),
    )


def _published(visit: Visit) -> dict[str, Any]:
    """What is entered in the Moodles whose courses are published, or why that cannot be told."""
    try:
        return {"registrations": visit.service.launches.registrations(), "unregistered": None}
    except SettingError as error:
        return {"registrations": [], "unregistered": error}


def _saved(visit: Visit, sent: dict[str, str]) -> Response:
    refused = _document(visit).save(visit, sent)
    if refused is not None:
        return refused
    home = visit.service.home
    missing = [name for name in _named(visit) if not home.has_secret(name)]
    said = f"The settings are kept. Next: enter {' and '.join(missing)} below." if missing else "The settings are kept."
    return go(visit.request, "/settings/service", said, tone="warning" if missing else "good")


def _named(visit: Visit) -> dict[str, str]:
    return secrets_named(visit.service.home.service())


def _about(visit: Visit) -> dict[str, Any]:
    store, folder = visit.service.store, visit.service.home.folder
    dead = {each.name for each in store.workers.dead()}
    disk = shutil.disk_usage(folder)
    return {
        "version": version("matricula"),
        "where": store.where,
        "folder": str(folder),
        "key_beside": visit.service.home.key_beside_state,
        "workers": [each for each in store.workers.all() if each.name not in dead],
        "free": disk.free / 1024**3,
        "share_free": disk.free / disk.total,
    }
