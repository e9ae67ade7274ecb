"""Views of people management, for site administrators; the actions are in `accounts` and beside this module."""

from uuid import UUID

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.auth import logout
from django.core.exceptions import ValidationError
from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portal.accounts.actions import change_role, grant_role, withdraw_role
from portal.accounts.models import Membership, User
from portal.accounts.permission import require
from portal.accounts.requests import actor_of, user_of
from portal.accounts.rights import Right, Role
from portal.accounts.step_up import step_up_required
from portal.notifications.mailing import trouble_with
from portal.people import confirmations
from portal.people.actions import invite, withdraw_invitation
from portal.people.confirmations import Confirmation
from portal.people.forms import ChangeForm, GrantForm, InviteForm, ReasonForm
from portal.people.mail import link_to, mail_invitation, mail_is_set_up
from portal.people.models import Invitation
from portal.tenants.lookup import search
from portal.tenants.models import Tenant
from portal.tenants.scope import tenants_of
from portal.ui.forms import tell_at_fields
from portal.ui.paging import keyset_page

LONGEST_SEARCH = 100
#: Roles of a person that the list of people shows; their own page shows all.
MOST_ROLES = 4


@require_GET
def person_list(request: HttpRequest) -> HttpResponse:
    """All people, newest first; the search covers addresses and names."""
    _require(request)
    wanted = request.GET.get("q", "").strip()[:LONGEST_SEARCH]
    page = keyset_page(_found(wanted), request, key=("date_joined", "id"))
    return render(request, "people/list.html", {"page": page, "wanted": wanted, "most_roles": MOST_ROLES})


@require_GET
def person_page(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """One person: their roles, and the available actions."""
    person = _person_or_404(request, user_id)
    wanted = request.GET.get("q", "").strip()[:LONGEST_SEARCH]
    of_tenants = Tenant.objects.filter(search(wanted)) if wanted else Tenant.objects.all()
    held = person.memberships.select_related("tenant").filter(tenant__in=of_tenants)
    context = {
        "person": person,
        "page": keyset_page(held, request, key=("granted_at", "id")),
        "wanted": wanted,
        "factors": Authenticator.objects.filter(user=person).order_by("created_at"),
        "mail_trouble": trouble_with(person.pk),
        "is_oneself": person == user_of(request),
    }
    return render(request, "people/person.html", context)


@require_GET
def invitation_list(request: HttpRequest) -> HttpResponse:
    """All invitations, newest first."""
    _require(request)
    rows = Invitation.objects.select_related("tenant", "accepted_by")
    page = keyset_page(rows, request, key=("invited_at", "id"))
    now = timezone.now()
    return render(
        request, "people/invitations.html", {"page": page, "rows": [(row, row.state_at(now)) for row in page.items]}
    )


@require_http_methods(["GET", "POST"])
@step_up_required
def person_invite(request: HttpRequest) -> HttpResponse:
    """Invite a person; the link is shown once in the response, and mailed if mail is set up."""
    _require(request)
    form = InviteForm(_sent(request), tenants=tenants_of(request))
    if form.is_valid():
        try:
            invitation, token = invite(actor_of(request), **form.wish())
        except ValidationError as error:
            tell_at_fields(form, error)
        else:
            link = link_to(token)
            context = {"invitation": invitation, "link": link, "mailed": mail_invitation(invitation, link)}
            return render(request, "people/invited.html", context)
    return render(request, "people/invite.html", {"form": form, "mails": mail_is_set_up()})


@require_POST
def invitation_withdraw(request: HttpRequest, invitation_id: UUID) -> HttpResponse:
    """Make the link of an invitation unusable."""
    _require(request)
    invitation = get_object_or_404(Invitation, pk=invitation_id)
    try:
        withdraw_invitation(actor_of(request), invitation)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, f"The invitation of {invitation.email} was withdrawn: its link opens nothing.")
    return redirect("people:invitations")


@require_http_methods(["GET", "POST"])
@step_up_required
def person_grant_role(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """Give the person a role in a tenant."""
    person = _person_or_404(request, user_id)
    form = GrantForm(_sent(request), tenants=tenants_of(request))
    if form.is_valid():
        tenant, role = form.cleaned_data["tenant"], form.cleaned_data["role"]
        keep = request.session.session_key if person == user_of(request) else None
        why = form.cleaned_data["reason"]
        grant_role(actor_of(request), user=person, tenant_id=tenant.pk, role=role, reason=why, keep_session=keep)
        messages.success(request, f"{person} is {_called(role)} of {tenant} now.")
        return redirect("people:page", user_id=person.pk)
    return render(request, "people/grant.html", {"form": form, "person": person})


@require_http_methods(["GET", "POST"])
@step_up_required
def person_change_role(request: HttpRequest, user_id: UUID, membership_id: int) -> HttpResponse:
    """Give the person another role in the same tenant."""
    membership = _membership_or_404(request, user_id, membership_id)
    form = ChangeForm(_sent(request), initial={"role": membership.role})
    if form.is_valid():
        role, why = form.cleaned_data["role"], form.cleaned_data["reason"]
        try:
            change_role(actor_of(request), membership, role=role, reason=why)
        except ValidationError as error:
            tell_at_fields(form, error)
        else:
            return _done(request, membership.user, f"{membership.user} is {_called(role)} of {membership.tenant} now.")
    return render(request, "people/change.html", {"form": form, "membership": membership, "person": membership.user})


@require_http_methods(["GET", "POST"])
@step_up_required
def person_withdraw_role(request: HttpRequest, user_id: UUID, membership_id: int) -> HttpResponse:
    """Withdraw a role."""
    membership = _membership_or_404(request, user_id, membership_id)
    form = ReasonForm(_sent(request))
    if form.is_valid():
        try:
            withdraw_role(actor_of(request), membership, reason=form.cleaned_data["reason"])
        except ValidationError as error:
            tell_at_fields(form, error)
        else:
            was = _called(Role(membership.role))
            return _done(request, membership.user, f"{membership.user} is no {was} of {membership.tenant} any more.")
    return render(request, "people/withdraw.html", {"form": form, "membership": membership, "person": membership.user})


@require_http_methods(["GET", "POST"])
@step_up_required
def person_disable(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """Confirm, then disable the person's sign-in."""
    return _confirmed(request, user_id, confirmations.DISABLE)


@require_http_methods(["GET", "POST"])
@step_up_required
def person_enable(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """Confirm, then enable the person's sign-in again."""
    return _confirmed(request, user_id, confirmations.ENABLE)


@require_http_methods(["GET", "POST"])
@step_up_required
def person_reset_second_factor(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """Confirm, then delete the person's authenticators."""
    return _confirmed(request, user_id, confirmations.RESET_SECOND_FACTOR)


@require_http_methods(["GET", "POST"])
@step_up_required
def person_make_site_administrator(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """Confirm, then make the person a site administrator."""
    return _confirmed(request, user_id, confirmations.MAKE_SITE_ADMINISTRATOR)


@require_http_methods(["GET", "POST"])
@step_up_required
def person_unmake_site_administrator(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """Confirm, then withdraw the role of site administrator."""
    return _confirmed(request, user_id, confirmations.UNMAKE_SITE_ADMINISTRATOR)


@require_http_methods(["GET", "POST"])
@step_up_required
def person_make_site_auditor(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """Confirm, then make the person a site auditor."""
    return _confirmed(request, user_id, confirmations.MAKE_SITE_AUDITOR)


@require_http_methods(["GET", "POST"])
@step_up_required
def person_unmake_site_auditor(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """Confirm, then withdraw the role of site auditor."""
    return _confirmed(request, user_id, confirmations.UNMAKE_SITE_AUDITOR)


def _confirmed(request: HttpRequest, user_id: UUID, step: Confirmation) -> HttpResponse:
    """Show the confirmation with a reason, then run its action."""
    person = _person_or_404(request, user_id)
    form = ReasonForm(_sent(request))
    if form.is_valid():
        try:
            step.action(actor_of(request), person, reason=form.cleaned_data["reason"])
        except ValidationError as error:
            tell_at_fields(form, error)
        else:
            return _done(request, person, step.done.format(person))
    context = {"form": form, "person": person, "step": step}
    context |= {"title": step.title.format(person), "button": step.button.format(person)}
    return render(request, "people/confirm.html", context)


def _done(request: HttpRequest, person: User, sentence: str) -> HttpResponse:
    """Show the message; people who changed their own roles are signed out, including this session."""
    if person == user_of(request):
        logout(request)
        messages.success(request, f"{sentence} Sign in again to go on.")
        return redirect("account_login")
    messages.success(request, sentence)
    return redirect("people:page", user_id=person.pk)


def _require(request: HttpRequest) -> None:
    require(actor_of(request), Right.MANAGE_PEOPLE)


def _person_or_404(request: HttpRequest, user_id: UUID) -> User:
    """Return a person; checks the right first, so that nobody else learns which ids exist."""
    _require(request)
    return get_object_or_404(User, pk=user_id)


def _membership_or_404(request: HttpRequest, user_id: UUID, membership_id: int) -> Membership:
    _require(request)
    return get_object_or_404(Membership.objects.select_related("user", "tenant"), pk=membership_id, user_id=user_id)


def _found(wanted: str) -> QuerySet[User]:
    some = Membership.objects.select_related("tenant").order_by("id")[: MOST_ROLES + 1]
    people = User.objects.prefetch_related(Prefetch("memberships", some, to_attr="some_memberships"))
    return people.filter(Q(email__icontains=wanted) | Q(name__icontains=wanted)) if wanted else people


def _called(role: Role) -> str:
    return role.label if role is Role.REPRESENTATIVE else role.label.lower()


def _sent(request: HttpRequest) -> QueryDict | None:
    """Return the submitted data, or None on GET; an empty form was submitted all the same."""
    return request.POST if request.method == "POST" else None
