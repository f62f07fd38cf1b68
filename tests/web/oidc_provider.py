"""A small OpenID Connect provider on loopback, with keys of its own, that can be told to lie."""

import base64
import hashlib
import hmac
import json
import secrets
import threading
import time
from contextlib import contextmanager
from urllib.parse import parse_qs, urlencode

import uvicorn
from fastapi import FastAPI, Request
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.responses import JSONResponse, RedirectResponse, Response

CLIENT, SECRET = "matricula", "the client's secret: +/%&"


class OidcProvider:
    """What it says can be altered by a test: `claims` are laid over those of the ID token, `lie` names a lie."""

    def __init__(self):
        self.address = ""
        self.keys = [RSAKey.generate_key(2048, parameters={"kid": "first", "use": "sig", "alg": "RS256"})]
        self.claims, self.person, self.lie = {}, {"sub": "s-1", "email": "anna@school.example", "name": "Anna A."}, ""
        self.discovery, self.in_userinfo = {}, {}
        self.codes, self.asked = {}, []
        self.methods = ["client_secret_basic", "client_secret_post"]
        self.app = self._app()

    def rotate(self):
        """A new key signs from now on; the old one is published no more."""
        self.keys = [RSAKey.generate_key(2048, parameters={"kid": secrets.token_hex(4), "use": "sig", "alg": "RS256"})]

    def _app(self):
        app = FastAPI()

        @app.middleware("http")
        async def noted(request: Request, call_next):
            self.asked.append(request.url.path)
            return await call_next(request)

        @app.get("/.well-known/openid-configuration")
        def configuration():
            return {
                "issuer": self.address,
                "authorization_endpoint": f"{self.address}/authorize",
                "token_endpoint": f"{self.address}/token",
                "jwks_uri": f"{self.address}/keys",
                "userinfo_endpoint": f"{self.address}/userinfo",
                "token_endpoint_auth_methods_supported": self.methods,
            } | self.discovery

        @app.get("/keys")
        def keys():
            return {"keys": [each.as_dict(private=False) for each in self.keys]}

        @app.get("/authorize")
        def authorize(request: Request):
            query = dict(request.query_params)
            code = secrets.token_urlsafe(16)
            self.codes[code] = query
            back = {"code": code, "state": query["state"], "iss": self.address}
            return RedirectResponse(f"{query['redirect_uri']}?{urlencode(back)}", 303)

        @app.post("/token")
        async def token(request: Request):
            form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
            return self._token(form, request.headers.get("authorization", ""))

        @app.get("/userinfo")
        def userinfo():
            return {"sub": self.person["sub"]} | self.in_userinfo

        return app

    def _token(self, form, authorization):
        expected = f"{CLIENT}:" + urlencode({"": SECRET})[1:]
        basic = "Basic " + base64.b64encode(expected.encode()).decode()
        posted = (form.get("client_id"), form.get("client_secret")) == (CLIENT, SECRET)
        if authorization != basic and not posted:
            return JSONResponse({"error": "invalid_client"}, 401)
        asked = self.codes.pop(form["code"], None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if asked is None or asked["code_challenge"] != challenge or asked["redirect_uri"] != form["redirect_uri"]:
            return JSONResponse({"error": "invalid_grant"}, 400)
        if self.lie == "down":
            return Response("out of order", 503)
        return {"access_token": "access", "token_type": "Bearer", "id_token": self._id_token(asked)}

    def _id_token(self, asked):
        now = int(time.time())
        claims = {"iss": self.address, "aud": CLIENT, "nonce": asked["nonce"], "iat": now, "exp": now + 300}
        claims |= self.person | self.claims
        claims = {name: value for name, value in claims.items() if value is not None}
        key = self.keys[0]
        header = {"alg": "RS256", "kid": key.kid}
        if self.lie == "signature":
            stranger = RSAKey.generate_key(2048, parameters={"kid": key.kid})
            return jwt.encode(header, claims, stranger)
        if self.lie == "none":
            parts = [json.dumps(each).encode() for each in ({"alg": "none"}, claims)]
            return ".".join(base64.urlsafe_b64encode(each).rstrip(b"=").decode() for each in parts) + "."
        if self.lie == "symmetric":
            parts = [json.dumps(each).encode() for each in ({"alg": "HS256", "kid": key.kid}, claims)]
            text = ".".join(base64.urlsafe_b64encode(each).rstrip(b"=").decode() for each in parts)
            made = hmac.new(key.as_pem(private=False), text.encode(), hashlib.sha256).digest()
            return f"{text}.{base64.urlsafe_b64encode(made).rstrip(b'=').decode()}"
        if self.lie == "unknown key":
            return jwt.encode({"alg": "RS256", "kid": "nobody's"}, claims, key)
        if self.lie == "garbage":
            return "not.a.token"
        return jwt.encode(header, claims, key)

    @classmethod
    @contextmanager
    def running(cls):
        provider = cls()
        server = uvicorn.Server(uvicorn.Config(provider.app, host="127.0.0.1", port=0, log_level="error"))
        up = threading.Event()
        startup = server.startup

        async def started(*arguments, **more):
            await startup(*arguments, **more)
            host, port = server.servers[0].sockets[0].getsockname()[:2]
            provider.address = f"http://{host}:{port}"
            up.set()

        server.startup = started
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        assert up.wait(30)
        try:
            yield provider
        finally:
            server.should_exit = True
            thread.join(30)
