"""URLs of the start page, the tenant's page, the wizard, the services and the run pages."""

from django.urls import include, path

from provisioning.options.custom_gateway import views as custom_gateway
from provisioning.runs import views as runs
from provisioning.services import call_views
from provisioning.services import views as services
from provisioning.tenant_page import views as tenant_page
from provisioning.wizard import views as wizard

urlpatterns = [
    path("", tenant_page.start, name="home"),
    path("tenants/<uuid:tenant_id>/", tenant_page.tenant_page, name="tenant"),
    path("tenants/<uuid:tenant_id>/set-up/", tenant_page.option_list, name="options"),
    path("tenants/<uuid:tenant_id>/set-up/<slug:option_key>/", tenant_page.setup_begin, name="setup_begin"),
    path("tenants/<uuid:tenant_id>/set-up/<slug:option_key>/needs/", tenant_page.option_needs, name="option_needs"),
    path("setups/<uuid:setup_id>/steps/<slug:step_key>/", wizard.setup_step, name="setup_step"),
    path(
        "setups/<uuid:setup_id>/steps/<slug:step_key>/make/<slug:field_name>/",
        wizard.setup_make_key,
        name="setup_make_key",
    ),
    path("tenants/<uuid:tenant_id>/services/", services.service_list, name="services"),
    path("tenants/<uuid:tenant_id>/services/table/", services.service_table, name="service_table"),
    path("services/<uuid:service_id>/replace/", services.service_replace, name="service_replace"),
    path("services/<uuid:service_id>/by-hand/", services.service_by_hand, name="service_by_hand"),
    path("services/<uuid:service_id>/check/", services.service_check, name="service_check"),
    path("tenants/<uuid:tenant_id>/requests/<uuid:subject_id>/", call_views.call_list, name="calls"),
    path("setups/<uuid:setup_id>/review/", wizard.setup_review, name="setup_review"),
    path("setups/<uuid:setup_id>/discard/", wizard.setup_discard, name="setup_discard"),
    path("setups/<uuid:setup_id>/start/", runs.setup_start, name="setup_start"),
    path("setups/<uuid:setup_id>/", runs.setup_page, name="setup"),
    path("setups/<uuid:setup_id>/timeline/", runs.setup_timeline, name="setup_timeline"),
    path("setups/<uuid:setup_id>/resume/", runs.setup_resume, name="setup_resume"),
    path("setups/<uuid:setup_id>/reopen/", runs.setup_reopen, name="setup_reopen"),
    path("setups/<uuid:setup_id>/rehearsal/", custom_gateway.rehearsal_page, name="rehearsal"),
    path("setups/<uuid:setup_id>/rehearsal/result/", custom_gateway.rehearsal_result, name="rehearsal_result"),
    path("setups/<uuid:setup_id>/rehearsal/ask/", custom_gateway.rehearsal_ask, name="rehearsal_ask"),
    path("setups/<uuid:setup_id>/headers/", custom_gateway.headers_page, name="gateway_headers"),
    path("setups/<uuid:setup_id>/headers/tick/", custom_gateway.headers_tick, name="gateway_headers_tick"),
    path("", include("provisioning.options.genesys_cloud.urls")),
]
