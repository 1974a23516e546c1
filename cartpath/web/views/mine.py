"""What a person sets for themselves: calendar addresses, days away, and which e-mails they get."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from cartpath.accounts.http import PersonRequest, page
from cartpath.accounts.permissions import Permission
from cartpath.core.forms import attempt, form_status, posted
from cartpath.reminders.choices import mail_choice, mail_choice_set
from cartpath.web.forms import MailForm
from cartpath.web.selectors.telling import Week, absences_of, away_in
from leukapheresis.feeds.services import feeds_of_person


@page(Permission.ENTER)
@require_http_methods(["GET", "POST"])
def show(request: PersonRequest) -> HttpResponse:
    """The person's calendar addresses, days away, their own and others', and which e-mails they get."""
    user, at = request.user, timezone.now()
    today = timezone.localtime(at).date()
    form = MailForm(posted(request), initial=MailForm.of(mail_choice(user)))
    if form.is_valid():
        kept = attempt(form, lambda: mail_choice_set(user=user, **form.choice()))
        if kept is not None:
            messages.success(request, _("Your choice of e-mails is saved."))
            return redirect("web:mine")
    context = {
        "form": form,
        "feeds": feeds_of_person(user),
        "may_make": bool(user.centers_for(Permission.VIEW_PATIENTS)),
        "absences": absences_of(user, today=today),
        "away": away_in(request.center, Week.of(today)),
        "now": at,
    }
    return render(request, "web/mine.html", context, status=form_status(form))
