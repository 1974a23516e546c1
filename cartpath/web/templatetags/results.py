"""*Why?* beside a computed value, stored results in words, calculators: built in like `cartpath`."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from cartpath.calculators.registry import CALCULATORS
from cartpath.web import components
from cartpath.web.rule_words import rule_words
from cartpath.web.selectors.why import brief, value_of
from cartpath.web.templatetags.cartpath import icon
from patients.results import RuleResult

register = template.Library()


@register.inclusion_tag("components/why.html")
def why(
    explanation: components.Explanation | RuleResult | None,
    inputs: Sequence[tuple[str, object]] = (),
    stored: RuleResult | None = None,
) -> dict[str, Any]:
    """*Why?* beside a computed value: the rule in words, what went in, what is missing, the source.

    A stored result explains itself and leads to all that is kept of it; without anything nothing is shown.
    """
    if isinstance(explanation, RuleResult):
        return {"explanation": brief(explanation), "inputs": inputs, "url": _url(explanation)}
    return {"explanation": explanation, "inputs": inputs, "url": _url(stored) if stored else ""}


def _url(stored: RuleResult) -> str:
    return reverse("web:why", args=[stored.journey_id, stored.pk])


@register.simple_tag
def calculator_link(name: str, result: UUID | None = None) -> SafeString:
    """A link to the calculator of a rule; `result` is a stored result whose input is shown there again."""
    url = reverse("calculators:calculator", args=[name])
    query = f"?from={result}" if result else ""
    title = CALCULATORS[name].title
    return format_html(
        '<a class="calculator-link" href="{}{}">{}{}</a>', url, query, icon("test-pipe"), title
    )


@register.filter
def result_label(stored: RuleResult) -> str:
    """What the value of a stored result is, in words."""
    return str(rule_words(stored.rule).value.label)


@register.filter
def result_value(stored: RuleResult | None) -> SafeString | str:
    """The value of a stored result in words with its unit, the confirmed one first; empty for none."""
    if stored is None:
        return ""
    value = value_of(stored, stored.final)
    return format_html("{} {}", value.text, value.unit) if value.unit else value.text
