"""URLs of the evidence pages."""

from django.urls import path

from portal.evidence import views

app_name = "evidence"
urlpatterns = [
    path("", views.page, name="page"),
    path("checkpoints/<int:number>.txt", views.checkpoint, name="checkpoint"),
    path("verifier/verify.py", views.verifier, name="verifier"),
    path("packs/new/", views.pack_new, name="pack_new"),
    path("packs/<uuid:pack_id>/", views.pack, name="pack"),
    path("packs/<uuid:pack_id>/progress/", views.pack_progress, name="pack_progress"),
    path("packs/<uuid:pack_id>/download/", views.pack_download, name="pack_download"),
]
