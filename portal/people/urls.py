"""URLs of invitations, of sign-in and sign-out, and of one's own account.

Only these of allauth's pages are used: its sign-up and its pages of e-mail addresses would bypass the actions. Pages
that change second factors are `whole`: the change and its event are committed together. The pages of reauthentication
are not, because they continue an interrupted request, which may call another system.
"""

from allauth.account import views as account
from allauth.mfa.base import views as factors
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as app
from allauth.mfa.webauthn import views as passkeys
from django.urls import include, path, re_path

from portal.identity import passwords, views
from portal.identity.views import whole
from portal.people import invitation_views

urlpatterns = [
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("", views.your_account, name="your_account"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/change/", account.password_change, name="account_change_password"),
    path("password/reset/", account.password_reset, name="account_reset_password"),
    path("password/reset/sent/", account.password_reset_done, name="account_reset_password_done"),
    re_path(  # allauth writes the two with a dash between them
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>[0-9A-Za-z-]+)/$",
        passwords.choose_password,
        name="account_reset_password_from_key",
    ),
    path("password/reset/done/", account.password_reset_from_key_done, name="account_reset_password_from_key_done"),
    path("second-factor/", factors.index, name="mfa_index"),
    path("second-factor/ask/", whole(factors.authenticate), name="mfa_authenticate"),
    path("second-factor/ask-again/", whole(factors.reauthenticate), name="mfa_reauthenticate"),
    path("second-factor/app/", whole(app.activate_totp), name="mfa_activate_totp"),
    path("second-factor/app/remove/", whole(app.deactivate_totp), name="mfa_deactivate_totp"),
    path("second-factor/codes/", whole(codes.view_recovery_codes), name="mfa_view_recovery_codes"),
    path("second-factor/codes/make/", whole(views.make_recovery_codes), name="mfa_generate_recovery_codes"),
    path("passkeys/", passkeys.list_webauthn, name="mfa_list_webauthn"),
    path("passkeys/add/", whole(passkeys.add_webauthn), name="mfa_add_webauthn"),
    path("passkeys/login/", passkeys.login_webauthn, name="mfa_login_webauthn"),
    path("passkeys/ask-again/", passkeys.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("passkeys/<int:pk>/name/", whole(passkeys.edit_webauthn), name="mfa_edit_webauthn"),
    path("passkeys/<int:pk>/remove/", whole(passkeys.remove_webauthn), name="mfa_remove_webauthn"),
    path("sign-on/", views.single_sign_on, name="single_sign_on"),
    path("sign-on/start/", views.start_sign_on, name="sign_on_start"),
    path("sign-on/connect/", views.connect_sign_on, name="sign_on_connect"),
    path("sign-on/disconnect/", views.disconnect_sign_on, name="sign_on_disconnect"),
    path("sign-on/callback/", views.come_back, name="sign_on_callback"),
    path("sessions/", include("portal.people.sessions.urls")),
    path("invitation/", invitation_views.invitation, name="invitation"),
    path("invitation/<str:token>/", invitation_views.invitation_open, name="invitation_open"),
]
