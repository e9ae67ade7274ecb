"""URLs of Genesys Cloud besides the wizard steps."""

from django.urls import path

from provisioning.options.genesys_cloud import views

urlpatterns = [
    path("setups/<uuid:setup_id>/genesys-cloud/test/", views.credentials_test, name="genesys_cloud_test"),
    path("setups/<uuid:setup_id>/genesys-cloud/api-key/", views.cluster_key_make, name="genesys_cloud_make_key"),
    path("tenants/<uuid:tenant_id>/genesys-cloud/tick/", views.ticked, name="genesys_cloud_tick"),
    path("tenants/<uuid:tenant_id>/genesys-cloud/password/", views.password_reveal, name="genesys_cloud_password"),
]
