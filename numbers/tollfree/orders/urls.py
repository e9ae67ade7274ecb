"""URLs of orders, releases, rates and policies; without a namespace, because other apps link to orders."""

from django.urls import path

from tollfree.orders.releases import views as releases
from tollfree.orders.views import group, listing, order, rates, review

urlpatterns = [
    path("tenants/<uuid:tenant_id>/orders/", listing.order_list, name="orders"),
    path("tenants/<uuid:tenant_id>/orders/new/", listing.order_new, name="order_new"),
    path("tenants/<uuid:tenant_id>/orders/policy/", rates.policy_page, name="order_policy"),
    path("order-groups/<uuid:group_id>/", group.group_page, name="order_group"),
    path("order-groups/<uuid:group_id>/confirm/", group.confirm, name="order_confirm"),
    path("order-groups/<uuid:group_id>/cancel/", group.cancel, name="order_group_cancel"),
    path("order-groups/<uuid:group_id>/approve/", group.approve, name="order_approve"),
    path("order-groups/<uuid:group_id>/decline/", group.decline, name="order_decline"),
    path("order-groups/<uuid:group_id>/noted/", group.note, name="order_decision_noted"),
    path("orders/<uuid:order_id>/", order.order_page, name="order"),
    path("orders/<uuid:order_id>/timeline/", order.order_timeline, name="order_timeline"),
    path("orders/<uuid:order_id>/evidence/", order.evidence_page, name="order_evidence"),
    path("orders/<uuid:order_id>/cancel/", order.cancel, name="order_cancel"),
    path("orders/<uuid:order_id>/noted/", order.note, name="order_noted"),
    path("orders/<uuid:order_id>/comment/", order.comment_page, name="order_comment"),
    path("orders/<uuid:order_id>/look/", review.look, name="order_look"),
    path("orders/<uuid:order_id>/review/", review.review_page, name="order_review"),
    path("orders/<uuid:order_id>/review/undo/", review.undo, name="order_review_undo"),
    path("numbers/<uuid:number_id>/release/", releases.release_new, name="release_new"),
    path("releases/<uuid:release_id>/", releases.release_page, name="release"),
    path("releases/<uuid:release_id>/take-back/", releases.take_back, name="release_take_back"),
    path("releases/<uuid:release_id>/approve/", releases.approve, name="release_approve"),
    path("releases/<uuid:release_id>/decline/", releases.decline, name="release_decline"),
    path("releases/<uuid:release_id>/given-back/", releases.given_back, name="release_given_back"),
    path("releases/<uuid:release_id>/kept/", releases.kept, name="release_kept"),
    path("releases/<uuid:release_id>/look/", releases.look, name="release_look"),
    path("releases/<uuid:release_id>/noted/", releases.note, name="release_decision_noted"),
    path("rates/", rates.rates_page, name="rates"),
]
