"""Web services of schools' systems: signing in, asking, asking again. Knows nothing of rosters."""

from matricula.sources.web.answers import Answer
from matricula.sources.web.client import WebClient
from matricula.sources.web.signing_in import SignIn, auth_of

__all__ = ["Answer", "SignIn", "WebClient", "auth_of"]
