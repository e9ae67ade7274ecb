"""Template tags for the pages of option 3, Genesys Cloud."""

from django import template

from portal.outbound.showing import CallOnPage, calls_of
from provisioning.drafts import answers_of
from provisioning.models import Setup
from provisioning.options.genesys_cloud.chapters import Line
from provisioning.options.genesys_cloud.forms import ChecklistForm
from tollfree.models import ConnectionTest

register = template.Library()


@register.simple_tag
def chapters_of(form: ChecklistForm, setup: Setup) -> list[tuple[str, list[Line]]]:
    """Return the checklist by chapter, with links into the organisation that the draft names."""
    return form.chapters(answers_of(setup).get("gcLoginURL", ""))


@register.simple_tag
def calls_of_test(test: ConnectionTest) -> list[CallOnPage]:
    """Return the requests of a connection test."""
    return calls_of([test.pk])[test.pk]
