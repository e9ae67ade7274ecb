"""The root URLconf."""

from django.urls import include, path

from portal.people.table import rights

urlpatterns = [
    path("", include("provisioning.urls")),
    path("", include("portal.operations.urls")),
    path("", include("senders.urls")),
    path("", include("portal.notices.urls")),
    path("tenants/", include("portal.tenants.urls")),
    path("", include("tollfree.inventory.urls")),
    path("", include("tollfree.orders.urls")),
    path("requests/", include("tollfree.urls")),
    path("history/evidence/", include("portal.evidence.urls")),
    path("history/", include("portal.history.urls")),
    path("people/", include("portal.people.people_urls")),
    path("help/rights/", rights, name="rights"),
    path("accounts/", include("portal.people.urls")),
]

handler400 = "portal.frame.views.bad_request"
handler403 = "portal.frame.views.forbidden"
handler404 = "portal.frame.views.not_found"
handler500 = "portal.frame.views.server_error"
