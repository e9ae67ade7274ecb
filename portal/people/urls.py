"""URLs of signing in and out.

Of allauth's pages only these: its sign-up, address and password pages would change people past the actions and the
history, and its password reset needs a mail server that the portal does not know yet.
"""

from allauth.account import views
from django.urls import path

urlpatterns = [
    path("login/", views.login, name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("inactive/", views.account_inactive, name="account_inactive"),
]
