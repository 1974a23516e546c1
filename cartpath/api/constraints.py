"""What PostgreSQL refused, in the words that the broken constraint carries."""

from functools import cache

from django.apps import apps
from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import IntegrityError
from django.db.models import BaseConstraint, CheckConstraint, UniqueConstraint
from psycopg import Error

from cartpath.core.errors import Conflict, DomainError, Invalid


def broken_constraint(error: IntegrityError) -> DomainError | None:
    """The refusal that a broken constraint of one of our tables means; None when it is none of them.

    A rule about one row is bad input (422); a rule about several rows is a conflict (409). The code is the
    constraint's name.
    """
    cause = error.__cause__
    name = cause.diag.constraint_name if isinstance(cause, Error) else None
    constraint = _constraints().get(name or "")
    if name is None or constraint is None:
        return None
    message = str(constraint.get_violation_error_message())
    if isinstance(constraint, UniqueConstraint | ExclusionConstraint):
        return Conflict(name, message)
    return Invalid(name, message)


@cache
def _constraints() -> dict[str, BaseConstraint]:
    return {
        constraint.name: constraint
        for model in apps.get_models()
        for constraint in model._meta.constraints
        if isinstance(constraint, CheckConstraint | UniqueConstraint | ExclusionConstraint)
    }
