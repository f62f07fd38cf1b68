"""The API under `/api/v1`, one file for each kind of thing."""

from typing import Final

from fastapi import APIRouter

from matricula.web.api import (
    accounts,
    audit,
    description,
    documents,
    imports,
    jobs,
    learning,
    me,
    plans,
    plugins,
    profiles,
    records,
    runs,
    sign_on,
    tools,
    waiting,
)

PREFIX: Final = "/api/v1"
ROUTERS: Final[tuple[APIRouter, ...]] = (
    description.router,
    me.router,
    accounts.router,
    documents.router,
    imports.router,
    profiles.router,
    jobs.router,
    plans.router,
    runs.router,
    records.router,
    waiting.router,
    learning.router,
    tools.router,
    plugins.router,
    sign_on.router,
    audit.router,
)
"""The routers of the API; a new kind of thing is a file here and a word in this line."""
