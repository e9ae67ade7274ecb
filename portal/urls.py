"""The root URLconf."""

from django.urls import include, path

from portal.people.permission_matrix import rights

urlpatterns = [
    path("", include("provisioning.urls")),
    path("", include("portal.operations.urls")),
    path("", include("senders.urls")),
    path("", include("portal.notifications.urls")),
    path("tenants/", include("portal.tenants.urls")),
    path("", include("tollfree.inventory.urls")),
    path("", include("tollfree.orders.urls")),
    path("requests/", include("tollfree.requests.urls")),
    path("history/evidence/", include("portal.evidence.urls")),
    path("history/", include("portal.history.urls")),
    path("people/", include("portal.people.people_urls")),
    path("help/rights/", rights, name="rights"),
    path("accounts/", include("portal.people.urls")),
]

handler400 = "portal.ui.views.bad_request"
handler403 = "portal.ui.views.forbidden"
handler404 = "portal.ui.views.not_found"
handler500 = "portal.ui.views.server_error"
