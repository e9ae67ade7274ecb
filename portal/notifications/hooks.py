"""Hooks: add the page to the sidebar, with a badge; register the e-mails as queued work, and the alert about them."""

from portal.core import alerts
from portal.core.tasks import sweeper
from portal.notifications import mailing
from portal.notifications.pending import badge
from portal.ui import navigation

sweeper.register(mailing.KIND)
alerts.register(mailing.undelivered)
navigation.register(navigation.NavigationItem("Waits for me", "notices:page", icon="clock", order=20, badge=badge))
