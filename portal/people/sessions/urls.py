"""URLs of one's own sessions."""

from django.urls import path

from portal.people.sessions import views

urlpatterns = [
    path("", views.session_list, name="session_list"),
    path("end-others/", views.session_end_others, name="session_end_others"),
    path("<uuid:handle>/end/", views.session_end, name="session_end"),
]
