"""Template tag that links an object's page to its events."""

from django import template
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def history_link(tenant_id: object, target_type: str, target_id: object, label: str) -> SafeString:
    """`{% history_link sender.tenant_id "sender" sender.pk "History of this number" %}`: a paragraph with the link."""
    filters = {"tenant": str(tenant_id or ""), "target": f"{target_type}:{target_id}"}
    url = f"{reverse('history:list')}?{urlencode({name: value for name, value in filters.items() if value})}"
    return render_to_string("history/link.html", {"url": url, "label": label})
