"""A Moodle that publishes a course as a tool (LTI 1.3), as far as a browser and a platform see of it."""

import json
import secrets
import threading
from contextlib import contextmanager
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx2
from joserfc import jwt
from joserfc.jwk import KeySet


class _Asked(BaseHTTPRequestHandler):
    def do_GET(self):
        """`login.php`: remember the browser, and send it to the platform to ask who comes."""
        told = dict(parse_qsl(urlsplit(self.path).query))
        state, nonce = secrets.token_hex(8), secrets.token_hex(8)
        self.server.nonces[state] = nonce
        query = {
            "scope": "openid",
            "response_type": "id_token",
            "response_mode": "form_post",
            "prompt": "none",
            "client_id": told["client_id"],
            "redirect_uri": told["target_link_uri"],
            "state": state,
            "nonce": nonce,
            "login_hint": told["login_hint"],
            "lti_message_hint": told["lti_message_hint"],
        }
        self.send_response(302)
        self.send_header("Location", f"{told['iss']}/provider/launch?{urlencode(query)}")
        self.send_header("Set-Cookie", f"state={state}")
        self.end_headers()

    def do_POST(self):
        """`launch.php`: believe what is signed by the platform and meant for this browser; tell what it was."""
        form = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
        cookie = SimpleCookie(self.headers.get("Cookie", ""))
        keys = KeySet.import_key_set(httpx2.get(f"{self.server.platform}/provider/keys", trust_env=False).json())
        said = jwt.decode(form["id_token"], keys, algorithms=["RS256"]).claims
        good = cookie["state"].value == form["state"] and said["nonce"] == self.server.nonces.pop(form["state"])
        body = json.dumps(said if good else {"refused": True}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Say nothing."""


@contextmanager
def published_tool(platform):
    """Such a Moodle, which believes one platform; its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Asked)
    server.platform, server.nonces = platform, {}
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
