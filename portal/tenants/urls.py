"""URLs of the tenant pages."""

from django.urls import path

from portal.tenants import views

app_name = "tenants"
urlpatterns = [
    path("", views.tenant_list, name="list"),
    path("add/", views.tenant_add, name="add"),
    path("<uuid:tenant_id>/edit/", views.tenant_edit, name="edit"),
    path("<uuid:tenant_id>/archive/", views.tenant_archive, name="archive"),
]
