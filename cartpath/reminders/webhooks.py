"""Telling a program of the house over HTTPS, signed after the Standard Webhooks specification.

The address is resolved once for each message, checked, and then connected to as resolved, so that a name
can't lead to this machine after it was checked. No redirect is followed and no proxy is asked.
"""

import base64
import hashlib
import hmac
import http.client
import ipaddress
import json
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit
from uuid import UUID

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

SECRET_PREFIX: Final = "whsec_"
# A listener that takes longer is taken for one that doesn't answer; it must answer first and work after.
TIMEOUT_SECONDS: Final = 5.0


class WebhookRefused(Exception):
    """The listener answered, and not with 2xx."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class AddressForbidden(Exception):
    """The name leads to an address that no webhook may have."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """One message to one listener. Nothing in `body` is about a person."""

    delivery_id: UUID
    url: str
    secret: str
    body: Mapping[str, Any]


def address_problem(url: str) -> str | None:
    """What is wrong with the address of a webhook, in words; None when nothing is."""
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return _("Not an address. Write it like https://pager.hospital.example/cartpath.")
    if parts.scheme not in _schemes() or not host or parts.username or parts.fragment:
        return _("Only an https address without user and password.")
    if _is_literal(host) and _is_forbidden(host):
        return _("This address leads to this machine or its nearest network.")
    if host == "localhost" and not settings.WEBHOOKS_MAY_STAY_HERE:
        return _("This address leads to this machine or its nearest network.")
    return None


def post(call: Call) -> None:
    """Send one message; returns when the listener has taken it.

    Raises `WebhookRefused`, `AddressForbidden`, or an OSError when the listener doesn't answer.
    """
    parts = urlsplit(call.url)
    body = json.dumps(call.body, separators=(",", ":"), sort_keys=True).encode()
    connection = _connection(parts)
    try:
        connection.request("POST", _target(parts), body=body, headers=signed_headers(call, body))
        answer = connection.getresponse()
        if not http.HTTPStatus.OK <= answer.status < http.HTTPStatus.MULTIPLE_CHOICES:
            raise WebhookRefused(answer.status)
    except http.client.HTTPException as error:
        raise OSError(type(error).__name__) from error
    finally:
        connection.close()


def signed_headers(call: Call, body: bytes) -> dict[str, str]:
    """The headers of a message: what it is, its id (the same at every attempt), its time, its signature."""
    timestamp = int(timezone.now().timestamp())
    return {
        "Content-Type": "application/json",
        "User-Agent": "CARTPath",
        "webhook-id": str(call.delivery_id),
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(call.secret, str(call.delivery_id), timestamp, body),
    }


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """HMAC-SHA256 over `id.timestamp.body`, as Standard Webhooks writes it: `v1,<base64>`."""
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode("ascii")


def _connection(parts: SplitResult) -> http.client.HTTPConnection:
    """A connection to the first address of the host, once all of them were found harmless."""
    if parts.scheme not in _schemes() or parts.hostname is None:
        raise AddressForbidden
    port = parts.port or (443 if parts.scheme == "https" else 80)
    found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    addresses = [str(entry[4][0]) for entry in found]
    if not addresses or any(_is_forbidden(address) for address in addresses):
        raise AddressForbidden
    connection = http.client.HTTPConnection(parts.hostname, port, timeout=TIMEOUT_SECONDS)
    wire: socket.socket = socket.create_connection((addresses[0], port), timeout=TIMEOUT_SECONDS)
    if parts.scheme == "https":
        wire = ssl.create_default_context().wrap_socket(wire, server_hostname=parts.hostname)
    connection.sock = wire
    return connection


def _target(parts: SplitResult) -> str:
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _schemes() -> tuple[str, ...]:
    return ("https", "http") if settings.WEBHOOKS_MAY_STAY_HERE else ("https",)


def _is_literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_forbidden(address: str) -> bool:
    """Loopback, link-local (where clouds keep their secrets) and addresses that are nobody's."""
    if settings.WEBHOOKS_MAY_STAY_HERE:
        return False
    found = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(found, "ipv4_mapped", None)
    real = mapped or found
    return bool(real.is_loopback or real.is_link_local or real.is_multicast or real.is_unspecified)
