"""A private token service over HTTPS: stands in for those of Microsoft and Google, which no test can ask.

It checks what they check (client, secret or signed assertion, scope, grant), issues tokens, and refuses as they do.
"""

import json
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.testkit.certificates import certificate
from tests.testkit.new_stores import write_private

TENANT, CLIENT, SECRET = "0a1b2c3d-0000-4000-8000-000000000001", "0a1b2c3d-0000-4000-8000-000000000002", "s3cret~value"
EXPIRED = "AADSTS7000222: The provided client secret keys for app are expired."
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
GOOGLE_AUDIENCE = "https://oauth2.googleapis.com/token"  # google-auth names it whatever the token_uri is
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@dataclass
class TokenService:
    """The running service.  `answer`: what it does instead of issuing a token: (status, body)."""

    ca_file: Path
    issued: list[str] = field(default_factory=list)
    mailboxes: list[str] = field(default_factory=list)  # for which, where the request says so
    answer: tuple[int, bytes] | None = None
    lifetime: int = 3600
    on_issue: Callable[[str], None] = lambda token: None
    client_key: Any = None  # public key that verifies the assertions
    url: str = ""

    def __post_init__(self) -> None:
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._send(200, json.dumps(service.configuration(self.path)).encode())

            def do_POST(self) -> None:
                form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                self._send(*service.token(self.path, {name: values[0] for name, values in form.items()}))

            def _send(self, status: int, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None: ...

        certificate(self.ca_file)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.ca_file)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.url = f"https://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def configuration(self, path: str) -> dict[str, str]:
        """OpenID Connect Discovery 1.0 §4, of the tenant in the path."""
        tenant = f"{self.url}/{path.split('/')[1]}"
        return {
            "issuer": f"{tenant}/v2.0",
            "authorization_endpoint": f"{tenant}/oauth2/v2.0/authorize",
            "token_endpoint": f"{tenant}/oauth2/v2.0/token",
        }

    def token(self, path: str, form: dict[str, str]) -> tuple[int, bytes]:
        if self.answer is not None:
            return self.answer
        wrong = self._wrong_google(form) if path == "/google" else self._wrong_microsoft(path, form)
        if wrong:
            return 401, json.dumps({"error": "invalid_client", "error_description": wrong}).encode()
        token = f"token-{len(self.issued) + 1}"
        self.issued.append(token)
        self.on_issue(token)
        answer = {"access_token": token, "token_type": "Bearer", "expires_in": self.lifetime}
        return 200, json.dumps(answer).encode()

    def _wrong_microsoft(self, path: str, form: dict[str, str]) -> str:
        if path != f"/{TENANT}/oauth2/v2.0/token" or form["client_id"] != CLIENT:
            return "AADSTS700016: Application was not found in the directory."
        if (form["grant_type"], form["scope"]) != ("client_credentials", "https://outlook.office365.com/.default"):
            return f"AADSTS70011: {form}"
        if self.client_key is None:
            return "" if form["client_secret"] == SECRET else EXPIRED
        assert form["client_assertion_type"] == ASSERTION_TYPE
        audience = f"{self.url}/{TENANT}/oauth2/v2.0/token"
        try:
            jwt.decode(form["client_assertion"], self.client_key, ["PS256", "RS256"], audience=audience)
        except jwt.PyJWTError as error:
            return f"AADSTS700027: {error}"
        return ""

    def _wrong_google(self, form: dict[str, str]) -> str:
        assert form["grant_type"] == JWT_BEARER
        try:
            claims = jwt.decode(form["assertion"], self.client_key, ["RS256"], audience=GOOGLE_AUDIENCE)
        except jwt.PyJWTError as error:
            return str(error)
        self.mailboxes.append(claims["sub"])
        return "" if claims["scope"] == "https://mail.google.com/" else "unauthorized_client"


@cache
def _key() -> rsa.RSAPrivateKey:
    """One for all tests of a process: to make one takes a tenth of a second."""
    return rsa.generate_private_key(65537, 2048)


def microsoft_certificate(path: Path) -> Any:
    """Write a private key with its certificate, as an operator would register it; returns the public key."""
    key = _key()
    certificate(path, mode=0o600, key=key)
    return key.public_key()


def google_key(path: Path, token_uri: str) -> Any:
    """Write the key file of a service account, in Google's format; returns the public key."""
    key = _key()
    how = serialization.PrivateFormat.PKCS8
    pem = key.private_bytes(serialization.Encoding.PEM, how, serialization.NoEncryption()).decode()
    content = {
        "type": "service_account",
        "project_id": "desk",
        "private_key_id": "1",
        "private_key": pem,
        "client_email": "desk@desk.iam.gserviceaccount.com",
        "client_id": "1",
        "token_uri": token_uri,
    }
    write_private(path, json.dumps(content).encode())
    return key.public_key()
