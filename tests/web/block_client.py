"""The other end of the block: signs what it asks as the plugin inside Moodle does, without the package's help."""

import hashlib
import hmac
import json
import secrets
import time

from starlette.testclient import TestClient

from jobs_seen import ended
from matricula.hub.blocks import make_block_secret


class BlockClient:
    """The block of a site.

    Args:
        app: the application.
        site: the site.
        secret: its secret.
    """

    def __init__(self, app, site, secret):
        self.client = TestClient(app, raise_server_exceptions=False)
        self.site, self.secret = site, secret

    @classmethod
    def of(cls, service, app, site):
        return cls(app, site, make_block_secret(service.home, site))

    def signed(self, act, body, *, secret=None, late=0, nonce=None, path=None):
        moment = str(int(time.time()) - late)
        number = nonce or secrets.token_hex(16)
        told = path or f"/hooks/moodle/{self.site}/{act}"
        text = "\n".join((moment, number, "POST", told, hashlib.sha256(body).hexdigest()))
        made = hmac.new((secret or self.secret).encode(), text.encode(), hashlib.sha256).hexdigest()
        return {"X-Matricula-Time": moment, "X-Matricula-Nonce": number, "X-Matricula-Signature": made}

    def post(self, act, body, headers, site=None):
        return self.client.post(f"/hooks/moodle/{site or self.site}/{act}", content=body, headers=headers)

    def __call__(self, act, courseid, *, by="t.eacher", **more):
        body = json.dumps({"courseid": courseid, "by": by} | more).encode()
        return self.post(act, body, self.signed(act, body))


def done(service, client, courseid, job):
    """What is told of a job once it has ended."""
    service.start()
    ended(service, job)
    service.stop()
    return client("job", courseid, job=job).json()
