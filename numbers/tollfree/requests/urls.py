"""URLs of requests to the Genesys representative."""

from django.urls import path

from tollfree.requests import views

app_name = "tollfree"
urlpatterns = [
    path("", views.inbox, name="requests"),
    path("ask/<uuid:tenant_id>/", views.ask, name="ask"),
    path("<uuid:request_id>/", views.request_page, name="request"),
    path("<uuid:request_id>/reply/", views.reply, name="reply"),
    path("<uuid:request_id>/withdraw/", views.withdraw, name="withdraw"),
]
