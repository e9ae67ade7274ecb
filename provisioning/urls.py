"""URLs of the start page, the tenant's page, the wizard, the services and the run pages."""

from django.urls import include, path

from provisioning.options.custom_gateway import views as custom_gateway
from provisioning.runs import views as runs_views
from provisioning.services import call_views
from provisioning.services import views as services_views
from provisioning.tenant_page import views as tenant_page_views
from provisioning.wizard import views as wizard_views

urlpatterns = [
    path("", tenant_page_views.start, name="home"),
    path("tenants/<uuid:tenant_id>/", tenant_page_views.tenant_page, name="tenant"),
    path("tenants/<uuid:tenant_id>/set-up/", tenant_page_views.option_list, name="options"),
    path("tenants/<uuid:tenant_id>/set-up/<slug:option_key>/", tenant_page_views.setup_begin, name="setup_begin"),
    path(
        "tenants/<uuid:tenant_id>/set-up/<slug:option_key>/needs/", tenant_page_views.option_needs, name="option_needs"
    ),
    path("setups/<uuid:setup_id>/steps/<slug:step_key>/", wizard_views.setup_step, name="setup_step"),
    path(
        "setups/<uuid:setup_id>/steps/<slug:step_key>/make/<slug:field_name>/",
        wizard_views.setup_make_key,
        name="setup_make_key",
    ),
    path("tenants/<uuid:tenant_id>/services/", services_views.service_list, name="services"),
    path("tenants/<uuid:tenant_id>/services/table/", services_views.service_table, name="service_table"),
    path("services/<uuid:service_id>/replace/", services_views.service_replace, name="service_replace"),
    path("services/<uuid:service_id>/by-hand/", services_views.service_by_hand, name="service_by_hand"),
    path("services/<uuid:service_id>/check/", services_views.service_check, name="service_check"),
    path("tenants/<uuid:tenant_id>/requests/<uuid:subject_id>/", call_views.call_list, name="calls"),
    path("setups/<uuid:setup_id>/review/", wizard_views.setup_review, name="setup_review"),
    path("setups/<uuid:setup_id>/discard/", wizard_views.setup_discard, name="setup_discard"),
    path("setups/<uuid:setup_id>/start/", runs_views.setup_start, name="setup_start"),
    path("setups/<uuid:setup_id>/", runs_views.setup_page, name="setup"),
    path("setups/<uuid:setup_id>/timeline/", runs_views.setup_timeline, name="setup_timeline"),
    path("setups/<uuid:setup_id>/resume/", runs_views.setup_resume, name="setup_resume"),
    path("setups/<uuid:setup_id>/reopen/", runs_views.setup_reopen, name="setup_reopen"),
    path("setups/<uuid:setup_id>/rehearsal/", custom_gateway.rehearsal_page, name="rehearsal"),
    path("setups/<uuid:setup_id>/rehearsal/result/", custom_gateway.rehearsal_result, name="rehearsal_result"),
    path("setups/<uuid:setup_id>/rehearsal/ask/", custom_gateway.rehearsal_ask, name="rehearsal_ask"),
    path("setups/<uuid:setup_id>/headers/", custom_gateway.headers_page, name="gateway_headers"),
    path("setups/<uuid:setup_id>/headers/tick/", custom_gateway.headers_tick, name="gateway_headers_tick"),
    path("", include("provisioning.options.genesys_cloud.urls")),
]
