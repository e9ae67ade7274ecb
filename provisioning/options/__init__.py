"""Registry of options: one package for each way to send SMS."""

from provisioning.options.base import Option
from provisioning.options.custom_gateway.option import CustomGateway
from provisioning.options.genesys_cloud.option import GenesysCloud
from provisioning.options.kaleyra.option import Kaleyra

#: In the guide's order.
OPTIONS: dict[str, Option] = {option.key: option for option in (Kaleyra(), CustomGateway(), GenesysCloud())}
