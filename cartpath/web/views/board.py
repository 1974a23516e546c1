"""The board, and the list of one stage."""

from typing import Final

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from cartpath.accounts.http import PersonRequest, page
from cartpath.accounts.permissions import Permission
from cartpath.accounts.selectors import require
from cartpath.web.selectors.board import BoardFilter, board, stage_list
from patients.banner import product_choices
from patients.enums import Stage

PER_PAGE: Final = 50


@page(Permission.VIEW_PATIENTS)
@require_safe
def show(request: PersonRequest) -> HttpResponse:
    """Every open journey of the center by stage, narrowed by product, lateness, and whose turn it is."""
    require(request.user, Permission.VIEW_PATIENTS, request.center.pk)
    at = timezone.now()
    products = dict(product_choices()[1:])
    wanted = _wanted(request.GET, products)
    context = {
        "board": board(request.user, request.center, wanted, at=at),
        "wanted": wanted,
        "products": products.items(),
        "toggles": _toggles(wanted),
        "on": timezone.localtime(at).date(),
        "may_refer": request.user.may(Permission.REFER, request.center.pk),
    }
    return render(request, "web/board.html", context)


def _wanted(given: QueryDict, products: dict[str, str]) -> BoardFilter:
    product = given.get("product", "")
    return BoardFilter(
        product=product if product in products else "", mine="mine" in given, late="late" in given
    )


def _toggles(wanted: BoardFilter) -> dict[str, str]:
    """The address of the board with one filter turned over."""
    return {
        "mine": _address(BoardFilter(product=wanted.product, mine=not wanted.mine, late=wanted.late)),
        "late": _address(BoardFilter(product=wanted.product, mine=wanted.mine, late=not wanted.late)),
    }


def _address(wanted: BoardFilter) -> str:
    query = QueryDict(mutable=True)
    if wanted.product:
        query["product"] = wanted.product
    for name in ("mine", "late"):
        if getattr(wanted, name):
            query[name] = "1"
    return f"{reverse('web:board')}?{query.urlencode()}" if query else reverse("web:board")


@page(Permission.VIEW_PATIENTS)
@require_safe
def stage(request: PersonRequest, stage: str) -> HttpResponse:
    """All journeys of one stage as a list, the latest first."""
    require(request.user, Permission.VIEW_PATIENTS, request.center.pk)
    if stage not in Stage.values:
        raise Http404
    listed = Paginator(stage_list(request.center, Stage(stage)), PER_PAGE).get_page(request.GET.get("page"))
    context = {"stage": Stage(stage), "listed": listed, "on": timezone.localtime(timezone.now()).date()}
    return render(request, "web/stage.html", context)
