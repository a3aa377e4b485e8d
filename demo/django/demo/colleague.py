"""Somebody at work: signs in, and calls the REST API."""

import json
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from demo.people import PASSWORD

TIMEOUT_SECONDS = 10


class Refused(Exception):
    """The DMS would not have it, or was not there."""


class Colleague:
    """One person's client of the API. Signs in when that is needed, also again."""

    def __init__(self, url: str, username: str) -> None:
        self.username = username
        self._api = f"{url}/api/"
        self._token: str | None = None

    def get(self, path: str) -> Any:
        return self._call("GET", path)

    def post(self, path: str, **fields: Any) -> Any:
        return self._call("POST", path, fields)

    def sign(self, path: str, **fields: Any) -> Any:
        """Does what needs a signature."""
        return self.post(path, signature=PASSWORD, **fields)

    def put(self, path: str, **fields: Any) -> Any:
        return self._call("PUT", path, fields)

    def _call(self, method: str, path: str, fields: dict[str, Any] | None = None) -> Any:
        if self._token is None:
            self._token = self._send("POST", "token/", {"username": self.username, "password": PASSWORD})["access"]
        try:
            return self._send(method, path, fields)
        except HTTPError as error:
            if error.code == 401:
                self._token = None  # expired: the next call signs in again
            raise Refused(f"{self.username}: {method} {path}: {error.code} {error.read().decode()}") from error

    def _send(self, method: str, path: str, fields: dict[str, Any] | None) -> Any:
        headers = {"Content-Type": "application/json"}
        if self._token is not None:
            headers["Authorization"] = f"Bearer {self._token}"
        body = None if fields is None else json.dumps(fields).encode()
        try:
            with urlopen(Request(self._api + path, body, headers, method=method), timeout=TIMEOUT_SECONDS) as answer:
                return json.load(answer)
        except HTTPError:
            raise
        except (URLError, OSError) as error:
            raise Refused(f"{self.username}: {method} {path}: {error}") from error
