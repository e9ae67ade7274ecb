"""Registry of options: one package for each way to send SMS."""

from provisioning.options.base import Option
from provisioning.options.custom_gateway.option import CUSTOM_GATEWAY
from provisioning.options.genesys_cloud.option import GENESYS_CLOUD
from provisioning.options.kaleyra.option import KALEYRA

#: In the guide's order.
OPTIONS: dict[str, Option] = {option.key: option for option in (KALEYRA, CUSTOM_GATEWAY, GENESYS_CLOUD)}
