"""App configuration of provisioning; registers its hooks with the packages below."""

from django.apps import AppConfig


class ProvisioningConfig(AppConfig):
    """Provisioning of SMS in Digital Channels."""

    name = "provisioning"

    def ready(self) -> None:
        """Register queued work, encrypted fields, gauges, and what other apps show or lock for a tenant."""
        from portal.core.tasks.sweeper import register  # noqa: PLC0415 - models are not loaded before ready()
        from portal.operations import gauges  # noqa: PLC0415 - the same
        from portal.tenants import actions, columns, switcher  # noqa: PLC0415 - the same
        from portal.vault import sealed_fields  # noqa: PLC0415 - the same
        from provisioning import lent, repair  # noqa: PLC0415 - the same
        from provisioning.gauges import GAUGES  # noqa: PLC0415 - the same
        from provisioning.key_request_models import KeyRequest  # noqa: PLC0415 - the same
        from provisioning.models import Setup  # noqa: PLC0415 - the same
        from provisioning.options.custom_gateway import rehearsal  # noqa: PLC0415 - the same
        from provisioning.options.genesys_cloud import key_requests  # noqa: PLC0415 - the same
        from provisioning.options.genesys_cloud.access import access_of_tenant  # noqa: PLC0415 - the same
        from provisioning.sweeper import SETUPS  # noqa: PLC0415 - the same
        from senders import lint, providers  # noqa: PLC0415 - the same
        from tollfree import access  # noqa: PLC0415 - the same

        for kind in (SETUPS, rehearsal.KIND, repair.CHECKS, key_requests.KIND):
            register(kind)
        sealed_fields.register(sealed_fields.SealedField(Setup, "answers", Setup.answers_place))
        sealed_fields.register(sealed_fields.SealedField(KeyRequest, "sealed", KeyRequest.place))
        switcher.keep("services")
        columns.register(columns.Column("SMS", lent.sms_cells))
        actions.ccid_locks.append(lent.lock_ccid)
        actions.archive_locks.append(lent.lock_archive)
        for gauge in GAUGES:
            gauges.register(gauge)
        providers.register(lent.provider_of)
        lint.register(lent.provider_is_the_tenants)
        access.register(access_of_tenant)
