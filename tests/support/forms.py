"""The forms of a rendered page, as a browser reads them: which fields submit on Enter, and by which button."""

from dataclasses import dataclass

from bs4 import BeautifulSoup, Tag

#: Types of an input in which Enter sends nothing.
_SILENT = frozenset({"hidden", "submit", "button", "image", "reset", "file", "color", "range"})
_TICKS = frozenset({"checkbox", "radio"})


@dataclass(frozen=True)
class Button:
    """A button that submits; `outcome` is the address, name and value by which it differs from its neighbours."""

    label: str
    outcome: tuple[str, str, str]
    classes: str
    disabled: bool
    idle: bool


@dataclass(frozen=True)
class Form:
    """One form, with all that belongs to it by place or by a `form` attribute, in the order of the page."""

    action: str
    fields: tuple[str, ...]
    ticks: tuple[str, ...]
    hidden: dict[str, str]
    buttons: tuple[Button, ...]

    @property
    def on_enter(self) -> list[Button]:
        """Return the buttons that Enter presses: the first one from a text field, the first enabled one from a tick."""
        enabled = [button for button in self.buttons if not button.disabled]
        pressed = [*(self.buttons[:1] if self.fields else ()), *(enabled[:1] if self.ticks else ())]
        return [button for button in pressed if not button.disabled and not button.idle]

    @property
    def outcomes(self) -> set[tuple[str, str, str]]:
        """Return the different things that its buttons do."""
        return {button.outcome for button in self.buttons if not button.disabled and not button.idle}


def forms_of(html: str | bytes) -> list[Form]:
    """Return the forms of a page."""
    page = BeautifulSoup(html, "html.parser")
    return [_form(form, page) for form in page.find_all("form")]


def form_to(html: str | bytes, action: str) -> Form:
    """Return the one form of a page that goes to this address."""
    (found,) = [form for form in forms_of(html) if form.action == action]
    return found


def _form(form: Tag, page: BeautifulSoup) -> Form:
    mine = [each for each in page.find_all(["input", "button"]) if _owner(each, page) is form]
    inputs = [(each, _text(each, "type") or "text") for each in mine if each.name == "input"]
    return Form(
        _text(form, "action"),
        tuple(_text(each, "name") for each, kind in inputs if kind not in _SILENT | _TICKS),
        tuple(_text(each, "name") for each, kind in inputs if kind in _TICKS),
        {_text(each, "name"): _text(each, "value") for each, kind in inputs if kind == "hidden"},
        tuple(_button(each) for each in mine if _submits(each)),
    )


def _owner(control: Tag, page: BeautifulSoup) -> Tag | None:
    named = _text(control, "form")
    return page.find("form", id=named) if named else control.find_parent("form")


def _submits(control: Tag) -> bool:
    kind = _text(control, "type") or ("submit" if control.name == "button" else "text")
    return kind in {"submit", "image"}


def _button(control: Tag) -> Button:
    label = " ".join(control.get_text(" ").split()) or _text(control, "value")
    outcome = (_text(control, "formaction"), _text(control, "name"), _text(control, "value"))
    idle = _text(control, "formmethod") == "dialog"  # which sends nothing outside of a dialog
    return Button(label, outcome, _text(control, "class"), control.has_attr("disabled"), idle)


def _text(tag: Tag, name: str) -> str:
    value = tag.get(name)
    return " ".join(value) if isinstance(value, list) else value or ""
