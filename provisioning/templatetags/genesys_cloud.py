"""Template tags for the pages of option 3, Genesys Cloud."""

from django import template

from genesys_cloud.models import ConnectionTest
from portal.http_client.presenters import CallOnPage, calls_of

register = template.Library()


@register.simple_tag
def calls_of_test(test: ConnectionTest) -> list[CallOnPage]:
    """Return the requests of a connection test."""
    return calls_of([test.pk])[test.pk]
