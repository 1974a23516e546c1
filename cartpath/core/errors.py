"""What can go wrong in the domain, in words a person can act on.

Services and rules raise these; views turn them into messages beside a field and the API into
`application/problem+json`. `code` is stable and part of the contract, `message` is for people.
"""

from collections.abc import Mapping


class DomainError(Exception):
    """A refusal with a stable code, a sentence, and the fields it is about."""

    status = 400

    def __init__(self, code: str, message: str, *, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.fields = dict(fields or {})


class Invalid(DomainError):
    """What was given is impossible or incomplete; `fields` says what would be right."""

    status = 422


class Conflict(DomainError):
    """The request is well formed but the state of the world refuses it."""

    status = 409


class Forbidden(DomainError):
    """The person is known but this is not theirs to do."""

    status = 403


class NotFound(DomainError):
    """There is no such thing within the person's centers."""

    status = 404

    def __init__(self, message: str = "Not found.") -> None:
        super().__init__("not_found", message)


class Stale(DomainError):
    """The record changed since it was read."""

    status = 412
