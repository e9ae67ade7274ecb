"""Hooks: register the tenant switcher's target pages and the history sentences."""

from portal.tenants import switcher
from senders import event_sentences

below = ("page", "add", "edit", "bulk", "remove")
switcher.keep("senders:list", *(f"senders:{name}" for name in below))
event_sentences.register()
