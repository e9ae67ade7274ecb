"""URLs of a tenant's toll-free numbers and of the number search."""

from django.urls import path

from tollfree.inventory import views
from tollfree.search.views import search_page

app_name = "numbers"
urlpatterns = [
    path("tenants/<uuid:tenant_id>/numbers/", views.number_list, name="list"),
    path("tenants/<uuid:tenant_id>/numbers/refresh/", views.refresh, name="refresh"),
    path("tenants/<uuid:tenant_id>/numbers/explain/", views.explain, name="explain"),
    path("tenants/<uuid:tenant_id>/numbers/search/", search_page, name="search"),
    path("numbers/<uuid:number_id>/", views.number_page, name="page"),
    path("numbers/<uuid:number_id>/verification/", views.verification, name="verification"),
]
