"""URLs of sender IDs."""

from django.urls import path

from senders import views

app_name = "senders"
urlpatterns = [
    path("tenants/<uuid:tenant_id>/senders/", views.sender_list, name="list"),
    path("tenants/<uuid:tenant_id>/senders/add/", views.sender_add, name="add"),
    path("tenants/<uuid:tenant_id>/senders/bulk/", views.sender_bulk, name="bulk"),
    path("senders/<uuid:sender_id>/", views.sender_page, name="page"),
    path("senders/<uuid:sender_id>/edit/", views.sender_edit, name="edit"),
    path("senders/<uuid:sender_id>/block.txt", views.sender_block, name="block"),
    path("senders/<uuid:sender_id>/tick/", views.sender_tick, name="tick"),
    path("senders/<uuid:sender_id>/remove/", views.sender_remove, name="remove"),
]
