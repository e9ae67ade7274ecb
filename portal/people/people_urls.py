"""URLs of people management."""

from django.urls import path

from portal.people import views

app_name = "people"
urlpatterns = [
    path("", views.person_list, name="list"),
    path("invite/", views.person_invite, name="invite"),
    path("invitations/", views.invitation_list, name="invitations"),
    path("invitations/<uuid:invitation_id>/withdraw/", views.invitation_withdraw, name="withdraw_invitation"),
    path("<uuid:user_id>/", views.person_page, name="page"),
    path("<uuid:user_id>/roles/add/", views.person_grant_role, name="grant_role"),
    path("<uuid:user_id>/roles/<int:membership_id>/", views.person_change_role, name="change_role"),
    path("<uuid:user_id>/roles/<int:membership_id>/withdraw/", views.person_withdraw_role, name="withdraw_role"),
    path("<uuid:user_id>/disable/", views.person_disable, name="disable"),
    path("<uuid:user_id>/enable/", views.person_enable, name="enable"),
    path("<uuid:user_id>/second-factor/reset/", views.person_reset_second_factor, name="reset_second_factor"),
    path(
        "<uuid:user_id>/site-administrator/",
        views.person_make_site_administrator,
        name="make_site_administrator",
    ),
    path(
        "<uuid:user_id>/site-administrator/take/",
        views.person_unmake_site_administrator,
        name="unmake_site_administrator",
    ),
    path("<uuid:user_id>/site-auditor/", views.person_make_site_auditor, name="make_site_auditor"),
    path("<uuid:user_id>/site-auditor/take/", views.person_unmake_site_auditor, name="unmake_site_auditor"),
]
