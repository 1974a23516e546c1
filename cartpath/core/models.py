"""Fields and bases shared by the tables of all rooms. No table lives here."""

import uuid
from typing import Any

from django.db import models


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


def json_kind(field: str) -> models.Func:
    """What a JSON column holds, for constraints: `object`, `array` …"""
    return models.Func(models.F(field), function="jsonb_typeof", output_field=models.CharField())


def code_field(
    choices: type[models.TextChoices] | None = None, **kwargs: Any
) -> "models.CharField[Any, Any]":
    """A short code from a fixed list."""
    kwargs.setdefault("max_length", 40)
    if choices is not None:
        kwargs["choices"] = choices.choices
    return models.CharField(**kwargs)
