"""Fields and bases shared by the tables of all rooms. No table lives here."""

import uuid
from typing import Any

from django.db import models
from django.utils.functional import Promise


class UuidModel(models.Model):
    """A row whose key can leave the house: random, meaningless, never reused."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)

    class Meta:
        abstract = True


def one_of(field: str, choices: type[models.TextChoices], *, name: str) -> models.CheckConstraint:
    """PostgreSQL refuses any value of `field` outside `choices`."""
    return models.CheckConstraint(
        condition=models.Q(**{f"{field}__in": list(choices.values)}),
        name=name,
        violation_error_message=f"Not one of the known values of {field.replace('_', ' ')}.",
    )


def at_least(field: str, least: float, *, name: str, message: str | Promise) -> models.CheckConstraint:
    """PostgreSQL refuses a value of `field` below `least`; unknown (NULL) is allowed."""
    return models.CheckConstraint(
        condition=models.Q(**{f"{field}__gte": least}) | models.Q(**{f"{field}__isnull": True}),
        name=name,
        violation_error_message=message,
    )


def code_field(
    choices: type[models.TextChoices] | None = None, **kwargs: Any
) -> "models.CharField[Any, Any]":
    """A short code from a fixed list."""
    kwargs.setdefault("max_length", 40)
    if choices is not None:
        kwargs["choices"] = choices.choices
    return models.CharField(**kwargs)
