from bs4 import BeautifulSoup, Tag
from crispy_forms.utils import render_crispy_form
from django import forms
from django.template import Context, Template

from portal.ui.forms import PortalFormMixin


class GatewayForm(PortalFormMixin, forms.Form):
    field_groups = (("The gateway", ("address", "token")),)

    address = forms.CharField(
        label="Gateway address",
        help_text="Where messages go.",
        widget=forms.TextInput(
            attrs={"data-variable": "gatewayURL", "data-example": "https://x.example", "placeholder": "y"}
        ),
    )
    token = forms.CharField(label="Token", widget=forms.PasswordInput)
    reports = forms.BooleanField(label="Reports", required=False)
    kind = forms.ChoiceField(label="Kind", choices=[("a", "A"), ("b", "B")], widget=forms.RadioSelect, required=False)
    hidden = forms.CharField(widget=forms.HiddenInput, required=False)

    def clean(self) -> None:
        if not self.errors:
            raise forms.ValidationError("The two do not fit together.")


def draw(form: forms.Form, source: str = "{% form_fields form %}") -> BeautifulSoup:
    return BeautifulSoup(Template(source).render(Context({"form": form})), "html.parser")


def part(soup: BeautifulSoup, selector: str) -> Tag:
    found = soup.select_one(selector)
    assert found is not None, f"no {selector} in {soup}"
    return found


def test_a_field_shows_its_label_the_guides_name_an_example_and_its_help() -> None:
    drawn = draw(GatewayForm())
    assert part(drawn, "label[for=id_address]").text.split() == ["Gateway", "address", "gatewayURL"]
    assert "Where messages go." in part(drawn, "#id_address_helptext").text
    assert "https://x.example" in part(drawn, "#id_address_helptext").text
    assert part(drawn, "#id_address")["aria-describedby"] == "id_address_helptext"


def test_a_field_has_no_placeholder() -> None:
    assert not part(draw(GatewayForm()), "#id_address").has_attr("placeholder")


def test_an_optional_field_says_so() -> None:
    drawn = draw(GatewayForm())
    assert "optional" in part(drawn, "legend.field-label").text
    assert "optional" not in part(drawn, "label[for=id_token]").text


def test_an_error_stands_at_its_field_and_is_tied_to_it() -> None:
    drawn = draw(GatewayForm({"address": ""}))
    field = part(drawn, "#id_address")
    assert field["aria-describedby"] == "id_address_helptext id_address_error"
    assert field["aria-invalid"] == "true"
    error = part(drawn, "#id_address_error")
    assert "This field is required." in error.text
    assert error.select_one("svg")


def test_the_summary_links_to_each_field_in_error() -> None:
    drawn = draw(GatewayForm({}))
    summary = part(drawn, ".error-summary")
    assert "2 things need your attention" in summary.text
    targets = [str(link["href"]) for link in summary.select("a")]
    assert targets == ["#id_address", "#id_token"]
    assert all(drawn.select(target) for target in targets)


def test_the_summary_shows_what_is_wrong_with_the_form_as_a_whole() -> None:
    summary = part(draw(GatewayForm({"address": "x", "token": "t"})), ".error-summary")
    assert "The two do not fit together." in summary.text
    assert not summary.select("a")


def test_a_form_without_errors_has_no_summary() -> None:
    assert not draw(GatewayForm()).select(".error-summary")


def test_grouped_fields_stand_under_their_heading_and_the_rest_follow() -> None:
    drawn = draw(GatewayForm())
    group = part(drawn, "fieldset:not(.field)")
    assert part(drawn, "legend:not(.field-label)").text == "The gateway"
    assert [str(field["name"]) for field in group.select("input")] == ["address", "token"]
    assert [str(field["name"]) for field in drawn.select("input") if not group.select(f"[name={field['name']}]")] == [
        "reports",
        "kind",
        "kind",
        "hidden",
    ]


def test_no_id_stands_twice() -> None:
    ids = [str(tag["id"]) for tag in draw(GatewayForm({})).select("[id]")]
    assert sorted(ids) == sorted(set(ids))


def test_a_secret_that_was_typed_is_not_sent_back() -> None:
    assert "hunter2" not in str(draw(GatewayForm({"token": "hunter2"})))


def test_what_was_typed_cannot_become_markup() -> None:
    assert not draw(GatewayForm({"address": '"><script>x</script>'})).select("script")


def test_crispys_own_tag_draws_the_same_fields() -> None:
    form = GatewayForm()
    assert (
        render_crispy_form(form, form.helper).split()
        == str(Template("{% form_fields form %}").render(Context({"form": form}))).split()
    )


def test_a_single_field_can_be_placed_by_hand() -> None:
    assert part(draw(GatewayForm(), "{% field form.token %}"), "#id_token")["type"] == "password"
