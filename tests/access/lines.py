"""Every URL of the portal, one line each: who may GET it, who may POST to it, and what a good form holds.

A new URL needs a line here, or the walk fails. In paths, queries and bodies `{tenant}`, `{sender}` … stand for rows of
`world.py`; the walk puts our tenant's there, the other tenant's, and ids that do not exist.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from senders import csv_import
from tests.access.buying import COST
from tests.access.people import (
    ADMINISTRATOR,
    EVERYONE,
    NOBODY,
    READERS,
    REPRESENTATIVE,
    SIGNED_IN,
    SITE,
    SITE_READERS,
    SOMEWHERE,
    Who,
)
from tests.access.world import PASSWORD

#: What a URL's arguments stand for where a line says nothing else.
ARGUMENTS = {
    "tenant_id": "{tenant}",
    "setup_id": "{done}",
    "service_id": "{service}",
    "sender_id": "{sender}",
    "request_id": "{request}",
    "user_id": "{person}",
    "membership_id": "{membership}",
    "invitation_id": "{invitation}",
    "handle": "{session}",
    "pk": "{passkey}",
    "group_id": "{group}",
    "order_id": "{order}",
    "number_id": "{owned}",
    "release_id": "{release}",
    "pack_id": "{pack}",
    "token": "{token}",
}


@dataclass(frozen=True)
class Line:
    """One URL by its name, or by its route where it has none. A method whose people are None is unknown to the URL.

    `open`: asks for no sign-in. `statuses`: further answers that are right for whoever may. `changes`: a good POST
    changes rows; where it does not (a sign-out), the line says so.
    """

    name: str
    get: frozenset[Who] | None = None
    post: frozenset[Who] | None = None
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, str] = field(default_factory=dict)
    open: bool = False
    statuses: frozenset[int] = frozenset()
    changes: bool = True

    def people(self, method: str) -> frozenset[Who] | None:
        """Who may use this method; None if the URL does not know it."""
        return {"GET": self.get, "HEAD": self.get, "POST": self.post}.get(method)


ADMIN = ADMINISTRATOR
ENROLLED = ADMIN | {Who.OUTSIDER}
DRAFT, CLOUD, FAILED = {"setup_id": "{draft}"}, {"setup_id": "{cloud}"}, {"setup_id": "{failed}"}
FACTS = {"ccid": "{ccid}", "nexusURL": "{url}", "apiKey": "another-key", "version": "{version}"}
TENANT = {"name": "Renamed", "ccid": "{ccid}", "nexus_url": "{url}"}
SENDER = {"number": "16504661177", "section": "SMS_Other", "endpoint": "Other", "provider": "Async"}
GATEWAY = {
    "asyncPhoneNumber": "16504661151",
    "asyncWebhookURL": "http://127.0.0.1:9/other",
    "asyncAPISignatureKey": "",
    "asyncWebhookSignatureKey": "",
    "asyncEmailDomain": "",
    "version": "{version}",
}
CREDENTIALS = {
    "clientId": "4da40a9d-b113-4024-8ba9-c9dd89c91f67",
    "clientSecret": "another-secret",
    "version": "{version_cloud}",
}
MAKE_KEY = {
    "seen": "1",
    "authURL": "http://127.0.0.1:9",
    "gwsClientId": "external_api_client",
    "gwsClientSecret": "secret",
    "gwsUserName": "ada",
    "gwsPassword": "secret",
}
ROW = "16504661188, SMS_Bulk, Bulk"
PASSWORDS = {"oldpassword": PASSWORD, "password1": "another horse battery", "password2": "another horse battery"}
# Nobody's: what a good one does is told by the tests of passwords.
RESET_KEY = {"uidb36": "1", "key": "1-1"}
NEWCOMER = {"email": "newcomer@example.com"}
LEFT = {"user_id": "{left}"}
WHY = {"reason": "as asked"}
APPROVERS = ADMIN | REPRESENTATIVE
DRAFTS, REFUSED, DOUBTFUL = (
    {"group_id": "{draft_group}"},
    {"order_id": "{refused_order}"},
    {"order_id": "{doubtful_order}"},
)
ORDER = {"number": "{free_number}", "reason": "A hotline.", "form_token": "6b0d8a3e-8f2a-4d0b-9c53-0a8f2f8e4f11"}
RATE = {"valid_from": "2026-02-01", "monthly": "3.00", "once": "0", "currency": "USD", "note": "A letter."}

LINES = (
    # --- signing in and out, health ---------------------------------------------------------------------------
    Line(
        "account_login",
        get=EVERYONE,
        post=EVERYONE,
        open=True,
        changes=False,  # only who is not signed in changes anything
        body={"login": "site@example.com", "password": PASSWORD},
    ),
    Line("account_logout", get=EVERYONE, post=EVERYONE, open=True, changes=False),
    Line("account_inactive", get=EVERYONE, open=True),
    Line("account_reset_password", get=EVERYONE, post=EVERYONE, open=True, changes=False, body=NEWCOMER),
    Line("account_reset_password_done", get=EVERYONE, open=True),
    Line("account_reset_password_from_key", get=EVERYONE, post=EVERYONE, open=True, changes=False, path=RESET_KEY),
    Line("account_reset_password_from_key_done", get=EVERYONE, open=True),
    # Who gave no password yet is led to the sign-in, as is everybody who asks out of turn.
    Line("mfa_authenticate", get=EVERYONE, post=EVERYONE, open=True, changes=False),
    Line("mfa_login_webauthn", get=EVERYONE, post=EVERYONE, open=True, changes=False),
    Line("invitation_open", get=EVERYONE, open=True),
    Line("invitation", get=NOBODY, post=NOBODY, open=True),  # nobody came by a link
    # There is no OIDC_ISSUER, so there are no such pages.
    Line("sign_on_start", post=NOBODY, open=True),
    Line("sign_on_callback", get=NOBODY, open=True),
    Line("sign_on_connect", get=NOBODY, post=NOBODY),
    Line("single_sign_on", get=NOBODY),
    Line("operations:healthz", get=EVERYONE, open=True),
    Line("operations:readyz", get=EVERYONE, open=True, statuses=frozenset({503})),  # no worker is at hand in a test
    Line("operations:metrics", get=NOBODY, open=True),  # there is no METRICS_TOKEN, so there is no such page
    Line("operations:page", get=ADMIN | SITE | {Who.OUTSIDER}),
    # --- one's own account; what is named in an address is the administrator's -----------------------------------
    Line("your_account", get=SIGNED_IN),
    Line("account_reauthenticate", get=SIGNED_IN, post=SIGNED_IN, changes=False, body={"password": PASSWORD}),
    Line("account_change_password", get=SIGNED_IN, post=SIGNED_IN, body=PASSWORDS),
    Line("session_list", get=SIGNED_IN),
    Line("session_end", post=ADMIN, changes=False),  # but the session
    Line("session_end_others", post=SIGNED_IN, changes=False),
    Line("mfa_index", get=SIGNED_IN),
    # These take what only an app or a passkey knows.
    Line("mfa_reauthenticate", get=SIGNED_IN, post=SIGNED_IN, changes=False),
    Line("mfa_reauthenticate_webauthn", get=SIGNED_IN, post=SIGNED_IN, changes=False),
    Line("mfa_activate_totp", get=SIGNED_IN, post=SIGNED_IN, changes=False, body={"code": "000000"}),
    Line("mfa_add_webauthn", get=SIGNED_IN, post=SIGNED_IN, changes=False, body={"name": "Key", "credential": "{{}}"}),
    Line("mfa_deactivate_totp", get=ENROLLED, post=ENROLLED),
    Line("mfa_view_recovery_codes", get=ENROLLED),
    Line("mfa_generate_recovery_codes", get=SIGNED_IN, post=SIGNED_IN, changes=False),  # who has no app needs none
    Line("mfa_list_webauthn", get=SIGNED_IN),
    Line("mfa_edit_webauthn", get=ADMIN, post=ADMIN, body={"name": "Renamed"}),
    Line("mfa_remove_webauthn", get=ADMIN, post=ADMIN),
    Line("sign_on_disconnect", get=SIGNED_IN, post=SIGNED_IN, changes=False),  # most have none
    # --- people: a site administrator's, of both tenants ----------------------------------------------------------
    Line("rights", get=SIGNED_IN),
    Line("people:list", get=SITE),
    Line("people:page", get=SITE),
    Line("people:invite", get=SITE, post=SITE, body=NEWCOMER | {"tenant": "{tenant}", "role": "auditor"}),
    Line("people:invitations", get=SITE),
    Line("people:withdraw_invitation", post=SITE),
    Line("people:grant_role", get=SITE, post=SITE, body=WHY | {"tenant": "{tenant}", "role": "auditor"}),
    Line("people:change_role", get=SITE, post=SITE, body=WHY | {"role": "auditor"}),
    Line("people:withdraw_role", get=SITE, post=SITE, body=WHY),
    Line("people:disable", get=SITE, post=SITE, body=WHY),
    Line("people:enable", get=SITE, post=SITE, path=LEFT, body=WHY),
    Line("people:reset_second_factor", get=SITE, post=SITE, body=WHY),
    Line("people:make_site_administrator", get=SITE, post=SITE, body=WHY),
    Line("people:unmake_site_administrator", get=SITE, post=SITE, path=LEFT, body=WHY),
    Line("people:make_site_auditor", get=SITE, post=SITE, body=WHY),
    Line("people:unmake_site_auditor", get=SITE, post=SITE, path=LEFT, body=WHY),
    # --- tenants ----------------------------------------------------------------------------------------------
    Line("home", get=SIGNED_IN),
    Line("tenants:list", get=SIGNED_IN),
    Line("tenants:add", get=SITE, post=SITE, body=TENANT | {"ccid": "0b1a8a4e-52b4-4a4e-9d2f-4d8f6a3c7e10"}),
    Line("tenants:edit", get=ADMIN, post=ADMIN, body=TENANT),
    Line("tenants:archive", get=SITE, post=SITE, path={"tenant_id": "{branch}"}, body={"reason": "closed"}),
    Line("tenant", get=READERS),
    Line("history:list", get=SIGNED_IN),
    Line("history:list", get=READERS, query={"tenant": "{tenant}"}),
    Line("history:news", get=SIGNED_IN),
    Line("history:csv", get=SIGNED_IN),
    Line("history:csv", get=READERS, query={"tenant": "{tenant}"}),
    Line("history:line", get=READERS, path={"chain": "{tenant}", "seq": "1"}),
    Line("history:line", get=SITE_READERS, path={"chain": "site", "seq": "1"}),
    # --- set-ups ----------------------------------------------------------------------------------------------
    Line("options", get=ADMIN),
    Line("option_needs", get=ADMIN, path={"option_key": "kaleyra"}),
    Line("setup_begin", post=ADMIN, path={"option_key": "kaleyra"}, body={"switch": "1"}),
    Line("setup", get=READERS),
    Line("setup", get=READERS, path=DRAFT),
    Line("setup_timeline", get=READERS),
    Line("setup_step", get=ADMIN, post=ADMIN, path=DRAFT | {"step_key": "prerequisites"}, body=FACTS),
    Line("setup_step", get=ADMIN, post=ADMIN, path=DRAFT | {"step_key": "gateway"}, body=GATEWAY),
    Line("setup_step", get=ADMIN, post=ADMIN, path=CLOUD | {"step_key": "credentials"}, body=CREDENTIALS),
    Line(
        "setup_make_key",
        post=ADMIN,
        path=DRAFT | {"step_key": "gateway", "field_name": "asyncWebhookSignatureKey"},
        body={"version": "{version}"},
    ),
    Line("setup_review", get=ADMIN, path=DRAFT),
    Line("setup_discard", post=ADMIN, path=DRAFT),
    Line("setup_start", post=ADMIN, path=DRAFT),
    Line("setup_resume", post=ADMIN, path=FAILED),
    Line("setup_reopen", post=ADMIN, path=FAILED),
    Line("services", get=READERS),
    Line("service_table", get=READERS),
    Line("calls", get=READERS, path={"subject_id": "{step}"}),
    Line("calls", get=READERS, path={"subject_id": "{step}"}, query={"call": "{call}"}),
    Line("service_replace", post=ADMIN),
    Line("service_by_hand", post=ADMIN),
    Line("service_check", post=ADMIN),
    Line("rehearsal", get=READERS, path=DRAFT),
    Line("rehearsal_result", get=READERS, path=DRAFT),
    Line("rehearsal_ask", post=ADMIN, path=DRAFT),
    Line("gateway_headers", get=READERS, path=DRAFT),
    Line("gateway_headers_tick", post=ADMIN, path=DRAFT),
    Line("genesys_cloud_test", get=ADMIN, post=ADMIN, path=CLOUD, body=CREDENTIALS | {"test": "1"}),
    Line("genesys_cloud_make_key", get=ADMIN, post=ADMIN, path=CLOUD, body=MAKE_KEY),
    Line(
        "genesys_cloud_tick",
        post=ADMIN,
        body={"key": "genesys_cloud.organisation.1", "next": "/tenants/{tenant}/"},
    ),
    Line("genesys_cloud_password", get=ADMIN, post=ADMIN),
    # --- numbers ----------------------------------------------------------------------------------------------
    Line("senders:list", get=READERS),
    Line("senders:add", get=ADMIN, post=ADMIN, body=SENDER),
    Line("senders:bulk", get=ADMIN, post=ADMIN, body={"rows": ROW, "save": csv_import.mark(ROW)}),
    Line("senders:page", get=READERS, post=ADMIN, body={"block": "[chat.SMS_Main]\nchannelId = 16504661149"}),
    Line("senders:edit", get=ADMIN, post=ADMIN, body=SENDER),
    Line("senders:block", get=READERS),
    Line("senders:tick", post=ADMIN),
    Line("senders:remove", get=ADMIN, post=ADMIN),
    Line("tollfree:requests", get=SIGNED_IN),
    Line("tollfree:ask", get=ADMIN, post=ADMIN, body={"kind": "short_code", "note": "Please."}),
    Line("tollfree:request", get=READERS, post=REPRESENTATIVE, body={"state": "done", "answer": "Done."}),
    Line("tollfree:reply", post=ADMIN, path={"request_id": "{question}"}, body={"reply": "For the Dublin site."}),
    Line("tollfree:withdraw", post=ADMIN),
    Line("notices:page", get=SIGNED_IN),
    # --- toll-free numbers: their search and their orders -----------------------------------------------------------
    Line("numbers:list", get=READERS),
    Line("numbers:refresh", post=REPRESENTATIVE),
    Line("numbers:explain", post=REPRESENTATIVE, body={"owned": "{owned}", "explanation": "Bought by hand."}),
    # Nobody answers there.
    Line("numbers:search", get=REPRESENTATIVE, query={"count": "1", "number": "{owned_number}"}),
    Line("numbers:page", get=READERS),
    Line("numbers:verification", post=REPRESENTATIVE, body={"state": "in_review", "note": "Answered."}),
    Line("orders", get=READERS),
    Line("order_new", get=REPRESENTATIVE, post=REPRESENTATIVE, body=ORDER),
    Line("order_policy", get=READERS, post=ADMIN, body={"approve_from": "3", "monthly_cap": "100"}),
    Line("order_group", get=READERS),
    Line("order_group", get=READERS, path=DRAFTS),
    Line("order_confirm", post=REPRESENTATIVE, path=DRAFTS, body={"cost": COST}),
    Line("order_group_cancel", post=REPRESENTATIVE, path=DRAFTS),
    Line("order_approve", post=APPROVERS),
    Line("order_decline", post=APPROVERS, body=WHY),
    Line("order_decision_noted", post=NOBODY),  # only whoever ordered takes note, and that is nobody who walks
    Line("order", get=READERS),
    Line("order_timeline", get=READERS),
    Line("order_evidence", get=READERS),
    Line("order_cancel", post=REPRESENTATIVE, path={"order_id": "{waiting_order}"}),
    Line("order_noted", post=REPRESENTATIVE, path=REFUSED),
    Line("order_comment", get=REPRESENTATIVE, post=REPRESENTATIVE, body={"comment": "Other"}, changes=False),
    Line("order_look", post=APPROVERS, path=DOUBTFUL),
    Line("order_review", get=APPROVERS, post=APPROVERS, path=DOUBTFUL, body=WHY | {"decision": "placed"}),
    Line("order_review_undo", post=APPROVERS, path={"order_id": "{decided_order}"}, body=WHY),
    Line("release_new", get=REPRESENTATIVE, post=REPRESENTATIVE, body=WHY | {"typed": "{owned_number}"}),
    Line("release", get=READERS),
    Line("release_take_back", post=REPRESENTATIVE),
    Line("release_approve", post=APPROVERS),
    Line("release_decline", post=APPROVERS, body=WHY),
    Line(
        "release_given_back",
        post=APPROVERS,
        path={"release_id": "{doubtful_release}"},
        body=WHY,
    ),
    Line("release_kept", post=APPROVERS, path={"release_id": "{doubtful_release}"}, body=WHY),
    Line("release_look", post=APPROVERS, path={"release_id": "{doubtful_release}"}),
    Line("release_decision_noted", post=NOBODY),  # only whoever asked
    Line("rates", get=SOMEWHERE, post=SITE, body=RATE),
    # --- the evidence: checkpoints tell hashes of all histories alike; a pack is its maker's alone --------------------
    Line("evidence:page", get=SOMEWHERE),
    Line("evidence:checkpoint", get=SOMEWHERE, path={"number": "{checkpoint}"}),
    Line("evidence:verifier", get=SOMEWHERE),
    Line("evidence:pack_new", get=SOMEWHERE, post=SOMEWHERE),
    # Who does not read our history gets the form back.
    Line("evidence:pack_new", get=SOMEWHERE, post=SOMEWHERE, body={"tenants": "{tenant}"}, changes=False),
    Line("evidence:pack", get=ADMIN),
    Line("evidence:pack_progress", get=ADMIN),
    Line("evidence:pack_download", get=ADMIN),
)

#: A URL's field that cannot answer a foreign value like an absent one, and why.
TOLD_BY_DESIGN = {
    # One contact centre is one tenant. Who changes a tenant can learn that a random UUID that they know already is
    # taken, and not by whom; docs/security.md says so.
    ("tenants:add", "ccid"),
    ("tenants:edit", "ccid"),
    ("setup_step", "ccid"),
}
