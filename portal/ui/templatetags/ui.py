"""Template tags for the UI components of all pages; a builtin library, so templates need no `{% load %}`.

Each tag renders one template of `templates/components/`. Block tags (`{% panel %}…{% endpanel %}`) wrap their content.
The tones, the same everywhere: neutral, waiting, running, good, warning, bad.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from crispy_forms.utils import render_crispy_form
from django import template
from django.forms import BaseForm, BoundField
from django.template import Context
from django.template.loader import render_to_string
from django.template.loader_tags import BLOCK_CONTEXT_KEY
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from portal.ui.forms import FieldParts, field_parts, form_errors, form_helper
from portal.ui.icons import ICONS
from portal.ui.labels import duration_words, phone_words, utc_words
from portal.ui.paging import KeysetPage

register = template.Library()

TONE_ICONS: Mapping[str, str] = {
    "neutral": "dot",
    "waiting": "clock",
    "running": "running",
    "good": "check",
    "warning": "warning",
    "bad": "cross",
}
_CALLOUT_WORDS: Mapping[str, str] = {
    "neutral": "Note",
    "waiting": "Waiting",
    "running": "Under way",
    "good": "Done",
    "warning": "Warning",
    "bad": "Problem",
}
_MESSAGE_TONES: Mapping[str, str] = {"success": "good", "warning": "warning", "error": "bad"}


def _component(name: str, **parts: Any) -> SafeString:
    return render_to_string(f"components/{name}.html", parts)


def _tone_icon(tone: str) -> str:
    """The icon of a tone; an unknown tone raises TemplateSyntaxError."""
    if tone not in TONE_ICONS:
        raise template.TemplateSyntaxError(f"{tone!r} is no tone; there are {', '.join(TONE_ICONS)}.")
    return TONE_ICONS[tone]


def _address(url: str, *args: Any) -> str:
    """Resolve a URL name; `/x/`, `?older=…`, `#id` and "" are already URLs and are returned as they are."""
    if not url or url[0] in "/?#" or "://" in url:
        return url
    try:
        return reverse(url, args=args)
    except NoReverseMatch:
        return reverse(url)


# --- inline components -----------------------------------------------------------------------------------------


@register.simple_tag
def icon(name: str, css_class: str = "") -> SafeString:
    """`{% icon "phone" %}`: an inline SVG of the set in `icons.py`, hidden from screen readers."""
    return format_html(
        '<svg class="icon {}" viewBox="0 0 24 24" width="20" height="20" aria-hidden="true" focusable="false">{}</svg>',
        css_class,
        ICONS[name],
    )


@register.simple_tag
def status(value: str, label: object, tone: str = "neutral") -> SafeString:
    """`{% status setup.state setup.get_state_display "running" %}`: icon, word and colour."""
    return _component("status", value=value, label=label, tone=tone, icon_name=_tone_icon(tone))


@register.simple_tag
def local_time(moment: datetime | None, precision: str = "minutes") -> SafeString:
    """`{% local_time event.at %}`, also "seconds" or "clock" (no date): the reader's local time, UTC on hover."""
    if moment is None:
        return mark_safe('<span class="text-muted">—</span>')
    utc = moment.astimezone(UTC)
    return format_html(
        '<time class="num" datetime="{}" title="{}" data-local="{}">{}</time>',
        utc.isoformat(timespec="seconds").replace("+00:00", "Z"),
        utc_words(moment, seconds=True),
        precision,
        f"{utc:%H:%M:%S} UTC" if precision == "clock" else utc_words(moment, seconds=precision == "seconds"),
    )


@register.filter
def phone(value: object) -> str:
    """`{{ sender.number|phone }}`: `+1 844 555 1212`."""
    return phone_words(value)


@register.filter
def duration(milliseconds: float | None) -> str:
    """`{{ call.duration_ms|duration }}`: `1.2 s`; empty for None."""
    return "" if milliseconds is None else duration_words(milliseconds)


@register.simple_tag
def copy_button(text: object, what: str = "text") -> SafeString:
    """`{% copy_button tenant.ccid "ccid" %}`: a button that copies; hidden without JavaScript."""
    return _component("copy_button", text=text, what=what)


@register.simple_tag
def mono(text: object, what: str = "id") -> SafeString:
    """`{% mono tenant.ccid "ccid" %}`: an id in fixed-width letters with a copy button."""
    return _component("mono", text=text, what=what)


@register.simple_tag
def button(url: str, label: str, *args: Any, kind: str = "secondary", icon: str = "") -> SafeString:
    """`{% button "tenants:add" "Add a tenant" kind="primary" icon="plus" %}`: a link that looks like a button."""
    return _component("button", url=_address(url, *args), label=label, kind=kind, icon_name=icon)


# --- page components -------------------------------------------------------------------------------------------


@register.simple_tag
def crumb(label: str, url: str, *args: Any) -> SafeString:
    """`{% crumb "Tenants" "tenants:list" %}`, in the block `breadcrumbs`; the page's title is added automatically."""
    return format_html('<li><a href="{}">{}</a></li>', _address(url, *args), label)


@register.simple_block_tag
def breadcrumbs(content: str, here: str) -> str:
    """The breadcrumb navigation around `{% crumb %}`s; empty if a page has none."""
    return _component("breadcrumbs", content=content, here=here) if content.strip() else ""


@register.simple_block_tag
def box(content: str, css_class: str) -> str:
    """A div that is left out if its content is empty, for blocks that a page need not fill."""
    return format_html('<div class="{}">{}</div>', css_class, content) if content.strip() else ""


@register.simple_tag(takes_context=True)
def repeat_block(context: Context, name: str) -> SafeString:
    """Render a block of the page again: the title also appears in the heading."""
    # Django stores the page's blocks here and has no tag to render one twice.
    block = context.render_context[BLOCK_CONTEXT_KEY].get_block(name)
    drawn: str = block.render(context).strip()
    return mark_safe(drawn)  # noqa: S308 - a block's output is escaped already


@register.simple_block_tag
def panel(content: str, title: str = "", note: str = "", id: str = "") -> str:  # noqa: A002 - the attribute's name
    """`{% panel "Sender IDs" note="2 numbers" %}…{% endpanel %}`: a section with a level 2 heading."""
    return _component("panel", content=content, title=title, note=note, id=id)


@register.simple_block_tag
def callout(content: str, tone: str = "neutral", title: str = "", live: str = "") -> str:
    """`{% callout "warning" "The token ends soon" %}…{% endcallout %}`; `live="status"` or `"alert"` is announced."""
    return _callout(content, tone, title, live=live)


def _callout(content: str, tone: str, title: str = "", **parts: Any) -> str:
    icon_name = {"neutral": "info", "bad": "alert"}.get(tone) or _tone_icon(tone)
    return _component(
        "callout", content=content, tone=tone, title=title or _CALLOUT_WORDS[tone], icon_name=icon_name, **parts
    )


@register.simple_tag
def message_callout(message: Any) -> str:
    """A message of Django's messages framework; an error interrupts a screen reader, others do not."""
    tone = _MESSAGE_TONES.get(message.level_tag, "neutral")
    content = format_html("<p>{}</p>", message)
    return _callout(content, tone, live="alert" if tone == "bad" else "status", brief=True)


@register.simple_block_tag
def confirm(content: str, title: str = "What will happen", cost: str = "") -> str:
    """`{% confirm cost="2.00 USD a month" %}<ul>…</ul>{% endconfirm %}`: shown above the button of the action."""
    return _component("confirm", content=content, title=title, cost=cost)


@register.simple_block_tag
def empty_state(  # noqa: PLR0913, PLR0917 - the parts of an empty list
    content: str, title: str, url: str = "", label: str = "", icon: str = "search", kind: str = "primary"
) -> str:
    """`{% empty_state "No tenants yet" url="tenants:add" label="Add a tenant" %}One sentence.{% endempty_state %}`."""
    return _component(
        "empty_state", content=content, title=title, url=_address(url), label=label, icon_name=icon, kind=kind
    )


@register.simple_block_tag
def facts(content: str) -> str:
    """`{% facts %}{% fact "ccid" %}…{% endfact %}{% endfacts %}`: a definition list."""
    return format_html('<dl class="facts">{}</dl>', content)


@register.simple_block_tag
def fact(content: str, term: str) -> str:
    """One row of `{% facts %}`; an empty value is shown as a dash."""
    return format_html("<div><dt>{}</dt><dd>{}</dd></div>", term, content if content.strip() else "—")


@register.simple_tag
def code(text: object, label: str = "", what: str = "") -> SafeString:
    """`{% code twin "curl" %}`: a block of code with line wrapping and a copy button."""
    return _component("code", text=text, label=label, what=what or label or "code")


@register.simple_block_tag
def fold(content: str, title: str, id: str = "", note: str = "", open: bool = False) -> str:  # noqa: A002, FBT001, FBT002 - the attributes' names
    """`{% fold "Request" id="step-3-request" %}…{% endfold %}`: a details element; an id keeps it open on refresh."""
    return _component("fold", content=content, title=title, id=id, note=note, open=open)


@register.simple_block_tag
def timeline(content: str, label: str = "Steps") -> str:
    """The list around `{% timeline_item %}`s."""
    return format_html('<ol class="timeline" aria-label="{}">{}</ol>', label, content)


@register.simple_block_tag
def timeline_item(  # noqa: PLR0913, PLR0917 - the parts of an item
    content: str,
    title: str,
    tone: str = "neutral",
    label: str = "",
    at: datetime | None = None,
    ms: float | None = None,
    value: str = "",
    precision: str = "clock",
) -> str:
    """`{% timeline_item "Create SMS" tone="good" label="Done" at=step.at ms=step.ms %}body{% endtimeline_item %}`.

    `precision` is that of `local_time`: pass "seconds" where the list may span days, so that the date is shown.
    """
    return _component(
        "timeline_item",
        content=content,
        title=title,
        tone=tone,
        label=label,
        at=at,
        ms=ms,
        value=value,
        precision=precision,
        icon_name=_tone_icon(tone),
    )


@register.simple_tag
def stepper(steps: Sequence[Any], label: str = "Steps") -> SafeString:
    """`{% stepper steps %}`: each with `title`, `state` ("done", "current", "todo") and `url` ("" for no link)."""
    return _component("stepper", steps=steps, label=label)


@register.simple_tag
def message_path(stations: Sequence[Any], label: str = "The path of a message") -> SafeString:
    """`{% message_path stations %}`: each with `name`, `note`, `icon`, `tone` and `label` (the state in a word)."""
    return _component("message_path", stations=stations, label=label)


@register.simple_tag
def pager(page: KeysetPage[Any], of: str = "") -> SafeString:
    """`{% pager page "set-ups" %}`: links to newer and older items; empty if all fit. `of` names the list."""
    return _component("pager", page=page, of=of)


@register.simple_tag(takes_context=True)
def csp_nonce(context: Context) -> str:
    """The nonce of this response's Content-Security-Policy, or "" without a request (error pages)."""
    return str(getattr(context.get("request"), "csp_nonce", ""))


# --- forms ----------------------------------------------------------------------------------------------------


@register.simple_tag
def form_fields(form: BaseForm) -> SafeString:
    """`{% form_fields form %}`: the error summary and all fields; the page writes the form tag and the buttons."""
    fields: str = render_crispy_form(form, form_helper(form, getattr(form, "field_groups", ())))
    return format_html("{}{}", error_summary(form), mark_safe(fields))  # noqa: S308 - crispy's templates escape


@register.simple_tag
def field(bound: BoundField) -> SafeString:
    """`{% field form.ccid %}`: one field; pages that place fields themselves add `{% error_summary form %}`."""
    return _component("field", field=bound)


@register.simple_tag
def field_parts_of(bound: BoundField) -> FieldParts:
    """For `components/field.html`: see `forms.field_parts`."""
    return field_parts(bound)


@register.simple_tag
def error_summary(form: BaseForm) -> SafeString:
    """The form's errors, each with a link to its field; empty if there are none."""
    return _component("error_summary", errors=list(form_errors(form))) if form.errors else SafeString()
