"""How a date, a time, a number and an age are written on a page. Nothing here reads the clock.

Every function returns text in the active language; times are shown in the active time zone, which is that of
the center.
"""

from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext, pgettext

from cartpath.core.dates import Age, AgeUnit, age_on
from cartpath.core.said import said_text as said_text

Number = int | float | Decimal

NBSP = "\N{NO-BREAK SPACE}"

_MINUTE = timedelta(minutes=1)
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
# A duration is told in hours up to two days, because "1 day ago" hides most of a shift.
_DAYS_FROM = timedelta(days=2)

_MANTISSA = Decimal("0.01")
# Below, a count is written out; from here on digits are grouped, and cells become a power of ten.
_GROUPED_FROM = 10_000


def unknown_word() -> SafeString:
    """The word *unknown*, in its quieter ink."""
    return format_html('<span class="unknown">{}</span>', gettext("unknown"))


def local_day(value: date | datetime) -> date:
    """The calendar day of a date or of a moment in the active zone."""
    return timezone.localtime(value).date() if isinstance(value, datetime) else value


def day_text(value: date | datetime) -> str:
    """`05-Mar-2026`; the month's short name is that of the language."""
    return formats.date_format(local_day(value), pgettext("date format, Django's letters", "d-M-Y"))


def short_day_text(value: date | datetime) -> str:
    """`05-Mar`, where the year is said nearby."""
    return formats.date_format(local_day(value), pgettext("date format, Django's letters", "d-M"))


def clock_text(value: datetime) -> str:
    """`03:10` in the active zone."""
    return timezone.localtime(value).strftime("%H:%M")


def moment_text(value: datetime) -> str:
    """`05-Mar-2026 03:10` in the active zone."""
    return f"{day_text(value)} {clock_text(value)}"


def ago_text(value: datetime, now: datetime) -> str:
    """`5 min ago`, `26 h ago`, `3 d ago`; the same with *in* for a time to come."""
    elapsed = now.astimezone(UTC) - value.astimezone(UTC)
    if abs(elapsed) < _MINUTE:
        return gettext("just now")
    span = _span_text(abs(elapsed))
    if elapsed > timedelta(0):
        return gettext("%(span)s ago") % {"span": span}
    return gettext("in %(span)s") % {"span": span}


def _span_text(span: timedelta) -> str:
    if span < _HOUR:
        return gettext("%(count)d min") % {"count": span // _MINUTE}
    if span < _DAYS_FROM:
        return gettext("%(count)d h") % {"count": span // _HOUR}
    return days_text(span // _DAY)


def days_text(count: int) -> str:
    """`3 d`: the short form used in badges and tables."""
    return gettext("%(count)d d") % {"count": count}


def days_words(count: int) -> str:
    """`1 day`, `12 days`: the long form used in sentences."""
    return ngettext("%(count)d day", "%(count)d days", count) % {"count": count}


def age_text(birth: date, on: date) -> str:
    """`12 d`, `7 w`, `5 m` or `5 y 8 m`, as fits the child on that day; empty before birth."""
    if on < birth:
        return ""
    return _age_words(age_on(birth, on))


def _age_words(age: Age) -> str:
    return NBSP.join(_age_part(amount, unit) for amount, unit in age.parts)


def _age_part(amount: int, unit: AgeUnit) -> str:
    patterns: dict[AgeUnit, str] = {
        "days": pgettext("age in days", "%(count)d d"),
        "weeks": pgettext("age in weeks", "%(count)d w"),
        "months": pgettext("age in months", "%(count)d m"),
        "years": pgettext("age in years", "%(count)d y"),
    }
    return (patterns[unit] % {"count": amount}).replace(" ", NBSP)


def infusion_day_text(day: int) -> str:
    """`D+12`, `D0`, `D−5`: calendar days from the infusion."""
    if day == 0:
        return "D0"
    return f"D+{day}" if day > 0 else f"D\N{MINUS SIGN}{-day}"


def number_text(value: Number, places: int | None = None) -> str:
    """A number with the language's decimal mark; rounded half up to `places`, else as given.

    Rounded here, because Django's own formatting cuts digits off: 38.97 would become 38.9.
    """
    exact = value if isinstance(value, Decimal) else Decimal(str(value))
    shown = _trimmed(exact) if places is None else exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    text = formats.number_format(shown, use_l10n=True, force_grouping=abs(shown) >= _GROUPED_FROM)
    return text.replace("-", "\N{MINUS SIGN}", 1) if shown < 0 else text


def _trimmed(exact: Decimal) -> Decimal:
    whole = exact.to_integral_value()
    return whole if exact == whole else exact.normalize()


def cells_text(value: Number) -> SafeString:
    """A count of cells as people write it: a mantissa times ten to a true superscript; `850` as it is."""
    exact = value if isinstance(value, Decimal) else Decimal(str(value))
    if abs(exact) < _GROUPED_FROM:
        return format_html("{}", number_text(exact))
    exponent = exact.adjusted()
    mantissa = exact.scaleb(-exponent).quantize(_MANTISSA, ROUND_HALF_UP)
    if abs(mantissa) == 10:
        mantissa, exponent = mantissa / 10, exponent + 1
    return format_html(
        "{} \N{MULTIPLICATION SIGN}\N{NO-BREAK SPACE}10<sup>{}</sup>", number_text(mantissa), exponent
    )
