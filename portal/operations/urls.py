"""URLs of health checks, metrics and the operations page."""

from django.urls import path

from portal.operations import views

app_name = "operations"
urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("metrics", views.metrics_text, name="metrics"),
    path("operations/", views.page, name="page"),
]
