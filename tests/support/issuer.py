"""A small OpenID Connect service on loopback, over real HTTP, that can be told to lie."""

import base64
import contextlib
import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from jwt.algorithms import RSAAlgorithm

CLIENT_ID, CLIENT_SECRET = "sms-portal", "client-secret-of-the-portal"
Claims = dict[str, Any]


@dataclass
class Issuer:
    """What it answers with: `claims` are changed on the way into a token, None takes one out."""

    url: str
    key: RSAPrivateKey = field(default_factory=lambda: generate_private_key(65537, 2048))
    subject: str = "subject-1"
    claims: Claims = field(default_factory=dict)
    algorithm: str = "RS256"
    signed_by: Any = None
    config: Claims = field(default_factory=dict)
    answers: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    nonce: str = ""
    idle_seconds: float = 0
    asked: list[tuple[str, Mapping[str, list[str]], str]] = field(default_factory=list)

    def configuration(self) -> Claims:
        """Return what it says about itself."""
        paths = {"authorization_endpoint": "/authorize", "token_endpoint": "/token", "jwks_uri": "/keys"}
        return {"issuer": self.url} | {name: self.url + path for name, path in paths.items()} | self.config

    def keys(self) -> Claims:
        """Return the public key."""
        return {"keys": [json.loads(RSAAlgorithm.to_jwk(self.key.public_key())) | {"kid": "one", "use": "sig"}]}

    def tokens(self) -> Claims:
        """Return what a code is exchanged for."""
        now = int(time.time())
        honest = {"iss": self.url, "sub": self.subject, "aud": CLIENT_ID, "exp": now + 60, "iat": now}
        claims = honest | {"nonce": self.nonce, "email": "administrator@example.com"} | self.claims
        kept = {name: value for name, value in claims.items() if value is not None}
        return {"access_token": "an-access-token", "token_type": "Bearer", "id_token": self._signed(kept)}

    def _signed(self, claims: Claims) -> str:
        if self.algorithm == "none":
            parts = ({"alg": "none", "typ": "JWT", "kid": "one"}, claims)
            return ".".join([*(_coded(json.dumps(part).encode()) for part in parts), ""])
        return jwt.encode(claims, self.signed_by or self.key, self.algorithm, headers={"kid": "one"})

    def answer(self, path: str) -> tuple[int, bytes]:
        """Return status and body for a path."""
        if path in self.answers:
            return self.answers[path]
        made = {"/.well-known/openid-configuration": self.configuration, "/keys": self.keys, "/token": self.tokens}
        return (200, json.dumps(made[path]()).encode()) if path in made else (404, b"{}")


def _coded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def client_of(authorization: str) -> tuple[str, str]:
    """Return id and secret out of HTTP Basic."""
    name, _, secret = base64.b64decode(authorization.removeprefix("Basic ")).decode().partition(":")
    return unquote(name), unquote(secret)


@contextmanager
def running_issuer() -> Iterator[Issuer]:
    """Serve on a free port of loopback."""

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            issuer.asked.append((self.path, parse_qs(body), self.headers.get("Authorization") or ""))
            status, content = issuer.answer(self.path)
            stopped.wait(issuer.idle_seconds)
            with contextlib.suppress(ConnectionError):  # whoever asked has had enough
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

        do_GET = do_POST = _serve  # noqa: N815 - http.server's names

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    stopped = threading.Event()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    issuer = Issuer(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield issuer
    finally:
        stopped.set()
        server.shutdown()
        thread.join()
        server.server_close()
