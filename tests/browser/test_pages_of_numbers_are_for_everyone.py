"""axe, the console and the width on the pages of toll-free numbers and of what waits, in both themes and two widths."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from portal.accounts.models import User
from portal.accounts.permission import person
from portal.accounts.rights import Role
from portal.audit.actors import command_line
from portal.sandbox.control import Control
from portal.tenants.models import Tenant
from provisioning.demo.tenants import TENANTS
from tests.browser.visits import Visit, axe, cookies_of, picture, too_wide
from tests.support.cast import new_member
from tests.tollfree.inventory.stories import NUMBER, OTHER, an_order, owned, refreshed
from tollfree.access import access_of
from tollfree.asking import send_request
from tollfree.inventory.actions import ask_refresh, track_verification
from tollfree.inventory.following import take_in
from tollfree.inventory.models import InventoryRefresh, OwnedNumber, Verification
from tollfree.models import RequestKind
from tollfree.orders.states import OrderState
