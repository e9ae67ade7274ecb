"""Template tags for the pages of option 3, Genesys Cloud."""

from django import template

from genesys_cloud.models import ConnectionTest
from portal.http_client.presenters import CallOnPage, calls_of
from provisioning.models import Setup
from provisioning.options.genesys_cloud.checklist import Line
from provisioning.options.genesys_cloud.forms import ChecklistForm
from provisioning.wizard.drafts import answers_of

register = template.Library()


@register.simple_tag
def chapters_of(form: ChecklistForm, setup: Setup) -> list[tuple[str, list[Line]]]:
    """Return the checklist by chapter, with links into the organisation that the draft names."""
    return form.chapters(answers_of(setup).get("gcLoginURL", ""))


@register.simple_tag
def calls_of_test(test: ConnectionTest) -> list[CallOnPage]:
    """Return the requests of a connection test."""
    return calls_of([test.pk])[test.pk]
