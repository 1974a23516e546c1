"""The components and the wording of every page, for templates. Loaded for all templates as built-ins.

`templates/components/README.md` lists each tag with what it takes.
"""

from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django import template
from django.core.paginator import Page
from django.forms import BaseForm, BoundField
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from cartpath.web import components, wording
from cartpath.web.trend import HEIGHT, WIDTH, Point
from cartpath.web.trend import trend as drawn_trend
from patients.banner import product_label
from patients.enums import Stage

register = template.Library()

SPRITE = "vendor/tabler-icons/icons.svg"

Context = dict[str, Any]


# --- Words -------------------------------------------------------------------------------------------------


@register.filter
def unknown(value: object) -> object:
    """The value, or the word *unknown* when it is None or empty."""
    return wording.unknown_word() if value is None or value == "" else value


@register.filter
def day(value: date | datetime | None) -> str:
    """`05-Mar-2026`, or *unknown*."""
    return wording.day_text(value) if value else wording.unknown_word()


@register.filter
def short_day(value: date | datetime | None) -> str:
    """`05-Mar`, or *unknown*."""
    return wording.short_day_text(value) if value else wording.unknown_word()


@register.filter
def clock(value: datetime | None) -> str:
    """`03:10` in the center's zone, or *unknown*."""
    return wording.clock_text(value) if value else wording.unknown_word()


@register.filter
def moment(value: datetime | None) -> str:
    """`05-Mar-2026 03:10` in the center's zone, or *unknown*."""
    return wording.moment_text(value) if value else wording.unknown_word()


@register.filter
def ago(value: datetime | None, now: datetime) -> str:
    """`26 h ago`, seen from `now`."""
    return wording.ago_text(value, now) if value else wording.unknown_word()


@register.filter
def age(birth: date | None, on: date) -> str:
    """`5 y 8 m` on a day, or *unknown*."""
    return wording.age_text(birth, on) if birth else wording.unknown_word()


@register.filter
def days(count: int | None) -> str:
    """`12 days`, or *unknown*."""
    return wording.days_words(count) if count is not None else wording.unknown_word()


@register.filter
def infusion_day(value: int | None) -> str:
    """`D+12`, or nothing before an infusion is known."""
    return wording.infusion_day_text(value) if value is not None else ""


@register.filter
def number(value: wording.Number | None, places: int | None = None) -> str:
    """A number with the language's decimal mark, or *unknown*."""
    return wording.number_text(value, places) if value is not None else wording.unknown_word()


@register.filter
def cells(value: wording.Number | None) -> SafeString:
    """A count of cells as mantissa and power of ten, or *unknown*."""
    return wording.cells_text(value) if value is not None else wording.unknown_word()


@register.filter
def said(sentence: str) -> str:
    """A sentence that a rule wrote, or a word of a protocol, in the reader's language."""
    return wording.said_text(sentence)


@register.filter
def product(name: str) -> str:
    """A product's name as people write it."""
    return product_label(name)


# --- Small things ------------------------------------------------------------------------------------------


@register.simple_tag
def icon(name: str, extra: str = "") -> SafeString:
    """A decorative icon of the sprite; the word belongs beside it. `extra` adds a class, e.g. `icon-lg`."""
    classes = f"icon {extra}".strip()
    return format_html(
        '<svg class="{}" width="18" height="18" aria-hidden="true"><use href="{}#{}"></use></svg>',
        classes,
        static(SPRITE),
        name,
    )


@register.simple_tag
def when(at: date | datetime | None, style: str = "moment") -> SafeString:
    """A `<time>`; `style` is `moment`, `day`, `short_day` or `clock`."""
    if at is None:
        return wording.unknown_word()
    text = WHEN_STYLES[style](at)
    return format_html('<time datetime="{}">{}</time>', at.isoformat(), text)


WHEN_STYLES: dict[str, Any] = {
    "moment": lambda at: wording.moment_text(at) if isinstance(at, datetime) else wording.day_text(at),
    "day": wording.day_text,
    "short_day": wording.short_day_text,
    "clock": wording.clock_text,
}


@register.simple_tag
def chip(text: object, tone: components.Tone = "", icon_name: str = "") -> SafeString:
    """A short state in a pill. `tone` is one of harm, soon, good, info, accent, or empty."""
    return format_html(
        '<span class="chip{}">{}{}</span>',
        f" tone-{tone}" if tone else "",
        icon(icon_name) if icon_name else "",
        text,
    )


@register.simple_tag
def stage_chip(stage: str) -> SafeString:
    """The stage of a journey in words."""
    tone = components.stage_tone(stage)
    return format_html(
        '<span class="chip stage-chip stage-{}{}">{}</span>',
        stage,
        f" tone-{tone}" if tone else "",
        Stage(stage).label,
    )


@register.simple_tag
def grade_chip(scale: str, grade: int | None, at_least: bool = False, size: str = "") -> SafeString:
    """A grade 0 to 5 on a named scale; None is unknown; `at_least` marks a lower bound."""
    return _grade_chip(scale, grade, at_least, size, get_language())


# A ward shows a hundred of them, and there are few different ones.
@lru_cache(maxsize=512)
def _grade_chip(scale: str, grade: int | None, at_least: bool, size: str, language: str | None) -> SafeString:
    name = "unknown" if grade is None else str(grade)
    shown = {"scale": scale, "grade": grade, "at_least": at_least, "name": name, "size": size}
    return render_to_string("components/grade_chip.html", shown)


@register.inclusion_tag("components/due_badge.html")
def due_badge(
    state: components.DueState, due: date | datetime | None, on: date | None = None, short: bool = False
) -> Context:
    """When something is due. With `on` (today) an overdue badge says by how many days.

    `short` leaves out the year, and the day where the lateness says it; what lies ahead is a sign and a day.
    """
    due_on = wording.local_day(due) if due else None
    late = components.late_days(due_on, on) if due_on and on and state == "overdue" else 0
    return {
        "look": components.DUE_LOOKS[state],
        "due_on": None if short and late else due_on,
        "style": "short_day" if short else "day",
        "wordless": short and state == "upcoming",
        "late": wording.days_text(late) if late else "",
    }


@register.inclusion_tag("components/value.html")
def value(
    number_: wording.Number | None,
    unit: str = "",
    at: datetime | None = None,
    on: date | None = None,
    places: int | None = None,
) -> Context:
    """A number with its unit and the time (`at`) or day (`on`) it belongs to; None is unknown."""
    return {"number": number_, "unit": unit, "at": at, "on": on, "places": places}


@register.inclusion_tag("components/trend.html")
def trend(
    points: Sequence[Point], label: str, unit: str = "", limits: tuple[float, float] | None = None
) -> Context:
    """A small line of values over time with the limits shaded; nothing for fewer than two values."""
    return {
        "trend": drawn_trend(points, limits),
        "label": label,
        "unit": unit,
        "width": WIDTH,
        "height": HEIGHT,
    }


@register.inclusion_tag("components/verdict.html")
def verdict(state: components.VerdictState) -> Context:
    """Met, not met, waived or unknown."""
    return {"look": components.VERDICT_LOOKS[state], "state": state}


@register.simple_tag
def person(name: str, role: object = "") -> SafeString:
    """Somebody's name, as signed, and the role in quieter ink."""
    if not role:
        return format_html('<span class="person">{}</span>', name)
    return format_html('<span class="person">{} <span class="person-role">{}</span></span>', name, role)


# --- Parts of a page ---------------------------------------------------------------------------------------


@register.inclusion_tag("components/patient_banner.html")
def patient_banner(banner: components.Banner) -> Context:
    """The banner of each page about a child; see `components.Banner`."""
    patient = banner.patient
    weight = banner.weight if banner.weight and banner.weight.weight_kg is not None else None
    marks = weight and components.weight_marks(
        weight, on=banner.on, change_percent=banner.weight_change_percent
    )
    allergies = components.allergy_line(patient.allergy_state, patient.allergies)
    return {"banner": banner, "patient": patient, "weight": weight, "marks": marks, "allergies": allergies}


@register.inclusion_tag("components/milestone_strip.html")
def milestone_strip(steps: Sequence[components.Step]) -> Context:
    """Where the child is, since when, what is next and what stands in the way; see `components.Step`."""
    drawn = [components.DrawnStep(step) for step in steps]
    return {
        "steps": drawn,
        "spoken": [each for each in drawn if each.step.state in ("now", "next")],
        "blocked": [step for step in steps if step.state == "blocked"],
    }


@register.inclusion_tag("components/timeline_entry.html")
def timeline_entry(entry: components.Entry) -> Context:
    """One fact in the timeline, inside `<ol class="timeline">`; see `components.Entry`."""
    return {"entry": entry}


@register.inclusion_tag("components/empty_state.html")
def empty_state(
    title: str, text: str = "", icon_name: str = "circle-check", url: str = "", label: str = ""
) -> Context:
    """What to say instead of an empty list, kindly; `url` and `label` offer the next step."""
    return {"title": title, "text": text, "icon": icon_name, "url": url, "label": label}


@register.inclusion_tag("components/tabs.html")
def tabs(items: Sequence[components.Tab], label: str) -> Context:
    """Links that look like tabs, each with its own address. `label` names the group for screen readers."""
    return {"items": items, "label": label}


@register.inclusion_tag("components/pagination.html", takes_context=True)
def pagination(context: template.Context, page: Page[Any]) -> Context:
    """Links to the pages beside this one, keeping the other parameters of the address."""
    return {"page": page, "request": context["request"]}


@register.inclusion_tag("components/note.html")
def message(level: str, text: object) -> Context:
    """One of Django's messages as a note; `level` is its level tag."""
    return {"look": components.MESSAGE_LOOKS.get(level, components.MESSAGE_LOOKS["info"]), "content": text}


@register.simple_block_tag
def note(content: str, tone: components.Tone = "info", title: str = "") -> SafeString:
    """A paragraph set apart, with a tone and the icon that goes with it."""
    level = {"harm": "error", "soon": "warning", "good": "success"}.get(tone, "info")
    context = {"look": components.MESSAGE_LOOKS[level], "content": mark_safe(content), "title": title}
    return render_to_string("components/note.html", context)


@register.simple_block_tag
def panel(
    content: str,
    title: str,
    status: str = "",
    tone: components.Tone = "",
    url: str = "",
    action: str = "",
    anchor: str = "",
    primary: bool = False,
    quiet: bool = False,
) -> SafeString:
    """A section with a heading, its status as a chip and its next action as a link."""
    context = {
        "content": mark_safe(content),
        "title": title,
        "status": status,
        "tone": tone,
        "url": url,
        "action": action,
        "anchor": anchor,
        "primary": primary,
        "quiet": quiet,
    }
    return render_to_string("components/panel.html", context)


@register.simple_block_tag
def table(content: str, label: str, tall: bool = False) -> SafeString:
    """A table that scrolls on its own, with a sticky head; `label` says what it lists."""
    context = {"content": mark_safe(content), "label": label, "tall": tall}
    return render_to_string("components/table.html", context)


@register.simple_block_tag
def filter_bar(content: str, label: str = "") -> SafeString:
    """A GET form of narrow filters with its own address."""
    context = {"content": mark_safe(content), "label": label or _("Filter")}
    return render_to_string("components/filter_bar.html", context)


@register.simple_tag
def filter_chip(label: str, url: str, active: bool = False) -> SafeString:
    """One filter that is on or off, as a link."""
    current = mark_safe(' aria-current="true"') if active else ""
    return format_html('<a class="filter-chip" href="{}"{}>{}</a>', url, current, label)


@register.simple_block_tag
def disclosure(content: str, label: str, opened: bool = False) -> SafeString:
    """Details that are asked for, under a short label."""
    context = {"content": mark_safe(content), "label": label, "opened": opened}
    return render_to_string("components/disclosure.html", context)


# --- Forms -------------------------------------------------------------------------------------------------


@register.inclusion_tag("components/form_errors.html")
def form_errors(form: BaseForm) -> Context:
    """What is wrong with a form, each error linked to its field; nothing when it is right."""
    fields = [field for field in form if field.errors]
    return {"form": form, "fields": fields, "general": form.non_field_errors()}


@register.filter
def unit(field: BoundField) -> str:
    """The unit shown inside a field, from its widget's `data-unit`."""
    return str(field.field.widget.attrs.get("data-unit", ""))


@register.filter
def allowed_range(field: BoundField) -> str:
    """The allowed range of a number as a hint: `0.3 to 300 kg`."""
    low, high = getattr(field.field, "min_value", None), getattr(field.field, "max_value", None)
    if low is None or high is None:
        return ""
    text = _("%(low)s to %(high)s") % {"low": wording.number_text(low), "high": wording.number_text(high)}
    return f"{text} {unit(field)}".strip()


@register.simple_tag
def control(field: BoundField) -> SafeString:
    """A field's widget, told which hint and which error belong to it."""
    has_hint = bool(field.help_text or allowed_range(field))
    ids = [f"{field.auto_id}_helptext"] * has_hint + [f"{field.auto_id}_error"] * bool(field.errors)
    return field.as_widget(
        attrs={"aria-describedby": " ".join(ids)} if ids and not field.use_fieldset else None
    )
