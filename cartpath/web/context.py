"""What the frame around every page needs. Nothing is read before the template asks for it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, cast

from django.http import HttpRequest
from django.urls import resolve, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cartpath.accounts.enums import Role
from cartpath.accounts.http import Page, PersonRequest
from cartpath.accounts.permissions import Permission
from cartpath.reminders.selectors import Badges, badges
from cartpath.web.components import NavItem
from cartpath.web.middleware import PROGRAMS


@dataclass(frozen=True, slots=True)
class Place:
    """One entry of the rail: the page it opens, and the pages below it that light it up as well."""

    page: str
    label: Promise
    icon: str
    below: tuple[str, ...] = ()


TODAY: Final = "web:today"
BELOW_PROTOCOLS: Final = (
    *("web:protocol", "web:protocol_compare", "web:protocol_journeys", "web:rules"),
    *("web:edition", "web:edition_rows", "web:edition_row", "web:edition_add"),
    *("calculators:all", "calculators:calculator"),
)
BELOW_APHERESIS: Final = (
    *("leukapheresis:day_print", "leukapheresis:waiting", "leukapheresis:slot", "leukapheresis:slots_open"),
    *("leukapheresis:resources", "leukapheresis:resources_history", "leukapheresis:resource_new"),
    *("leukapheresis:resource_change", "leukapheresis:hours_change", "leukapheresis:closure_new"),
    *("leukapheresis:open_day_new", "leukapheresis:quota_new", "leukapheresis:quality"),
)
BELOW_PRODUCTS: Final = (
    *("manufacturing:portal_load", "manufacturing:quotas", "manufacturing:custody_storage"),
    *("manufacturing:custody_breaks", "manufacturing:custody_settings"),
)
PLACES: Final = (
    Place(TODAY, _("Today"), "sun-high"),
    Place("web:board", _("Board"), "layout-kanban", ("web:board_stage",)),
    Place(
        "leukapheresis:calendar",
        _("Apheresis"),
        "droplet-half-2",
        BELOW_APHERESIS,
    ),
    Place("toxicity:ward", _("Ward"), "heart-rate-monitor", ("toxicity:ward_sheet",)),
    Place("web:follow_up", _("Follow-up"), "calendar-heart", ("followup:tracing",)),
    Place("manufacturing:products", _("Products"), "packages", BELOW_PRODUCTS),
    Place("web:protocols", _("Protocols"), "book-2", BELOW_PROTOCOLS),
)

# In the menu of the person: what the center prints, and the proof of its ledgers.
PAPER_PLACES: Final = (
    Place("papers:day", _("Day sheet"), "printer"),
    Place("manufacturing:center_labels", _("Labels"), "printer"),
    Place("papers:packs", _("Packs for downtime"), "download"),
    Place("papers:passphrase", _("Passphrase of the packs"), "key"),
    Place("papers:verify_center", _("Replay of the ledgers"), "shield-lock"),
)


def frame(request: HttpRequest) -> dict[str, Any]:
    """The rail, the centers, the role and the notices; empty for programs and before sign-in.

    The values are functions, which a template calls when it shows them; each reads at most once.
    """
    user = getattr(request, "user", None)
    if request.path.startswith(PROGRAMS) or user is None or not user.is_authenticated:
        return {}
    person = cast("PersonRequest", request)
    counted = cache(lambda: counts(person))
    return {
        "center": getattr(request, "center", None),
        "centers": getattr(request, "centers", ()),
        "nav": _once(lambda: navigation(person, counted())),
        "paper_places": _once(lambda: paper_places(person)),
        "may_search": _once(lambda: may_search(person)),
        "may_scan": _once(lambda: may_scan(person)),
        "role_label": _once(lambda: role_label(person)),
        "notices_count": _once(lambda: counted().unread),
    }


def _once(read: Callable[[], Any]) -> Callable[[], Any]:
    return cache(read)


def navigation(request: PersonRequest, counted: Badges) -> list[NavItem]:
    """The places the person's roles may open in the center they work in, with what waits at Today."""
    if not request.center:
        return []
    here = request.resolver_match.view_name if request.resolver_match else ""
    return [
        NavItem(
            label=place.label,
            url=reverse(place.page),
            icon=place.icon,
            current=here == place.page or here in place.below,
            count=counted.waiting if place.page == TODAY else 0,
            key="today" if place.page == TODAY else "",
        )
        for place in PLACES
        if request.user.may(_permission(place.page), request.center.pk)
    ]


def paper_places(request: PersonRequest) -> list[NavItem]:
    """What the person may print or replay in the center they work in."""
    center = request.center
    if not center:
        return []
    return [
        NavItem(label=place.label, url=reverse(place.page), icon=place.icon)
        for place in PAPER_PLACES
        if request.user.may(_permission(place.page), center.pk)
    ]


def may_search(request: PersonRequest) -> bool:
    """Whether there is anybody the person could look for in the center they work in."""
    center = request.center
    return bool(center) and request.user.may(_permission("web:search"), center.pk)


def may_scan(request: PersonRequest) -> bool:
    """Whether the person takes bags, tubes and wristbands in hand in the center they work in."""
    center = request.center
    return bool(center) and request.user.may(_permission("manufacturing:scan"), center.pk)


@cache
def _permission(page: str) -> Permission:
    """What a page asks for, read from its view."""
    return cast("Page", resolve(reverse(page)).func).permission


def counts(request: PersonRequest) -> Badges:
    """What waits for the person in the center they work in, and what they have not seen; one query."""
    center_id = request.center.pk if request.center else None
    return badges(request.user, at=timezone.now(), center_id=center_id)


def role_label(request: PersonRequest) -> str:
    """The roles the person holds in the center they work in, in words."""
    if not request.center:
        return ""
    held = request.user.roles_by_center.get(request.center.pk, frozenset())
    return ", ".join(str(role.label) for role in Role if role in held)
