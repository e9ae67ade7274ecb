from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from portal.audit.actors import Actor
from portal.tenants.models import Tenant
from senders import csv_import
from senders.actions import SenderFacts, add_senders
from senders.models import SenderId
from tests.provisioning.kaleyra import verbs
from tests.senders.senders import add, post

WANTED = "Enter a short code (5 or 6 digits) or a long code (10 digits, or 11 with the leading 1)."
EXPONENT = "This has an exponent: a spreadsheet changed it, and digits may be lost. Format the column as text."
POINT_ZERO = "This ends in .0: a spreadsheet changed it. Format the column as text, and enter the number again."
QUOTED = "A quotation mark or a formula stands around this, as spreadsheets write it. Leave it out."
SECTION = "A section's name may hold up to 60 letters, underscores and dashes: no digits, no spaces."
ENDPOINT = "An endpoint's name may hold up to 100 letters, digits, dots, underscores and dashes: no spaces."
GOOD = "16504661149,Support,Main,false"

BAD = [
    (",Support,Main", WANTED),
    ("999,Support,Main", "This has 3 digits."),
    ("1234567,Support,Main", "This has 7 digits."),
    ("26504661140,Support,Main", "This has 11 digits."),
    ("+44 20 7946 0958,Support,Main", "After + stand 1 and ten digits: only numbers of North America (+1) are taken."),
    ("1.6504661149E+10,Support,Main", EXPONENT),
    ("16504661149.0,Support,Main", POINT_ZERO),
    ("=1+1,Support,Main", QUOTED),
    ("=HYPERLINK(1),Support,Main", QUOTED),
    ("@SUM(1),Support,Main", "This is an address of another kind and no phone number."),
    ("१२३४५,Support,Main", "Write the digits as 0 to 9, and not as १."),
    ("one,Support,Main", "A number has digits only; here stands the letter o."),
    ("'12345,Support,Main", QUOTED),
    ("12345\x00,Support,Main", "A number has digits only; leave out the control character."),
    ("<b>12345</b>,Support,Main", "A number has digits only; leave out <."),
    ("1" * 200 + ",Support,Main", "This has 200 digits."),
    ("12345,Support 1,Main", SECTION),
    ("12345,SMS1,Main", SECTION),
    ("12345,Süd,Main", SECTION),
    ("12345,chat.,Main", SECTION),
    ("12345,chat.chat.Support,Main", "chat. stands twice before this name. Enter it once, or not at all."),
    ("12345,Support],Main", SECTION),
    ("12345,=cmd|' /C calc'!A0,Main", SECTION),
    ("12345,{{7*7}},Main", SECTION),
    (f"12345,{'a' * 61},Main", SECTION),
    ("12345,Support,Main Routing", ENDPOINT),
    ("12345,Support,Haupt-Äste", ENDPOINT),
    # The semicolon divides then, and the commas are part of a cell.
    ("12345,Support,Main;x", "A number has digits only; leave out ,."),
    ("12345,Support,a=b", ENDPOINT),
    ("12345,Support,chat.", ENDPOINT),
    (f"12345,Support,{'a' * 101}", ENDPOINT),
    ("12345,Support,Main,maybe", "cxcOnly is true or false."),
    ("12345,Support,Main,falsee", "cxcOnly is true or false."),
    ("12345,Support,Main,2", "cxcOnly is true or false."),
    ("12345,Support,Main,false,Portico", "There are 5 columns; 4 are taken."),
    ("12345,Support,Main,,", "There are 5 columns; 4 are taken."),
    ("12345,One,Main\n12345,Two,Main", "12345 stands in line 1 already."),
    ("16504661149,One,Main\n6504661149,Two,Main", "16504661149 stands in line 1 already."),
    ("12345,One,Main\n54321,chat.One,Main", "chat.One stands in line 1 already."),
    ("12345,One,Main\n12345,bad one,Main", "12345 stands in line 1 already."),
    ("88888,Other,Main", "This tenant has a sender ID with 88888 already."),
    ("12345,Known,Main", "This tenant has a sender ID with chat.Known already."),
]


@pytest.fixture
def known(actor: Actor, tenant: Tenant) -> SenderId:
    """A sender ID that is there already."""
    return add(actor, tenant, "88888", section="Known")


def read(tenant: Tenant, text: str) -> list[csv_import.Row]:
    return csv_import.read(text, tenant.pk, "Portico")


def check(client: Client, tenant: Tenant, rows: str, **values: Any) -> Any:
    """Paste rows, and press a button."""
    return post(client, "bulk", tenant.pk, rows=rows, **values)


def save(client: Client, tenant: Tenant, rows: str) -> Any:
    """Press the button that the last check of these rows showed."""
    return check(client, tenant, rows, save=csv_import.mark(rows))


def upload(client: Client, tenant: Tenant, content: bytes) -> str:
    answer = post(client, "bulk", tenant.pk, file=SimpleUploadedFile("senders.csv", content))
    return str(answer.content.decode())


@pytest.mark.parametrize(("text", "sentence"), BAD)
def test_each_mistake_gets_its_sentence(tenant: Tenant, known: SenderId, text: str, sentence: str) -> None:
    errors = [error.removesuffix(f" {WANTED}") for row in read(tenant, text) for error in row.errors]
    assert sentence in errors


def test_forty_mistakes_are_told_at_once_with_their_lines_and_nothing_is_written(
    client: Client, tenant: Tenant, known: SenderId
) -> None:
    single = [text for text, _ in BAD if "\n" not in text and ";" not in text and "\x00" not in text]
    rows = read(tenant, "\n".join(single))
    assert [row.line for row in rows if row.errors] == list(range(1, len(single) + 1))
    assert f"{len(single)} of {len(single)} rows need a change." in " ".join(
        check(client, tenant, "\n".join(single)).content.decode().split()
    )
    assert SenderId.objects.count() == 1


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        "number,section,endpoint,cxcOnly\n" + GOOD,
        "\ufeffNumber;Section;Endpoint;cxcOnly\r\n16504661149;Support;Main;false\r\n",
        "16504661149\tSupport\tMain\tFALSE",
        '"+1 (650) 466-1149","chat.Support","chat.Main","no"',
        'sep=;\r\n"16504661149";"Support";"Main";""\r\n',
        "\n\n , , \n 16504661149 , Support , Main \n\n",
        "16504661149,Support,Main,0",
    ],
)
def test_every_honest_form_is_read_alike(tenant: Tenant, text: str) -> None:
    assert [row.facts for row in read(tenant, text) if not row.errors] == [
        SenderFacts("16504661149", "Support", "Main", provider="Portico")
    ]


@pytest.mark.parametrize("word", ["true", "TRUE", "yes", "1"])
def test_campaigns_only_means_that_no_agent_answers(tenant: Tenant, word: str) -> None:
    facts = read(tenant, f"12345,Support,Main,{word}")[0].facts
    assert (facts.cxc_only, facts.agents_answer) == (True, False)


def test_a_number_alone_is_a_draft(client: Client, tenant: Tenant) -> None:
    save(client, tenant, "12345\n54321")
    assert list(SenderId.objects.values_list("state", flat=True)) == ["draft", "draft"]


@pytest.mark.parametrize(
    ("text", "line"), [(f'{GOOD}\n12345,"Sup', 2), ('12345,"a"b,Main', 1), (f'sep=,\n{GOOD}\n"', 3)]
)
def test_a_quotation_mark_that_stays_open_is_named(tenant: Tenant, text: str, line: int) -> None:
    with pytest.raises(ValidationError, match=f"Line {line} cannot be read; check its quotation marks."):
        read(tenant, text)


def test_lines_are_counted_as_the_editor_counts_them(tenant: Tenant) -> None:
    rows = read(tenant, 'number,section\n\n12345,"Two\nlines"\n999,Support')
    assert [row.line for row in rows] == [3, 5]


def test_nothing_is_written_by_checking(client: Client, tenant: Tenant) -> None:
    text = check(client, tenant, GOOD).content.decode()
    assert "All rows are right" in text
    assert not SenderId.objects.exists()


def test_all_are_written_when_a_person_says_so(client: Client, tenant: Tenant) -> None:
    rows = f"{GOOD}\n12345,Short,Main,true"
    assert save(client, tenant, rows).status_code == 302
    assert list(SenderId.objects.order_by("number").values_list("number", "section", "cxc_only", "state")) == [
        ("12345", "Short", True, "ready"),
        ("16504661149", "Support", False, "ready"),
    ]
    assert verbs(tenant)[-2:] == ["sender.drafted", "sender.drafted"]


def test_the_good_rows_alone_are_written_and_the_others_counted(client: Client, tenant: Tenant) -> None:
    rows = f"{GOOD}\n999,Bad,Main\n12345,Short,Main"
    assert "Add the 2 good rows" in " ".join(check(client, tenant, rows).content.decode().split())
    page = client.get(save(client, tenant, rows)["Location"]).content.decode()
    assert "2 sender IDs were added." in page
    assert "1 row was left out." in page


def test_what_was_changed_since_the_check_is_checked_again(client: Client, tenant: Tenant) -> None:
    page = check(client, tenant, f"{GOOD}\n999,Bad,Main", save=csv_import.mark(GOOD))
    assert "Nothing was written yet" in page.content.decode()
    assert not SenderId.objects.exists()


def test_where_nothing_is_right_nothing_can_be_added(client: Client, tenant: Tenant) -> None:
    page = check(client, tenant, "999").content.decode()
    assert 'name="save"' not in page
    assert "or add the good ones" not in page
    assert save(client, tenant, "999").status_code == 200


def test_a_row_that_another_tab_added_meanwhile_is_found(client: Client, actor: Actor, tenant: Tenant) -> None:
    check(client, tenant, GOOD)
    add(actor, tenant)
    page = save(client, tenant, GOOD).content.decode()
    assert "This tenant has a sender ID with 16504661149 already." in page
    assert SenderId.objects.count() == 1


def test_a_row_that_another_tab_adds_at_this_moment_is_told(
    client: Client, actor: Actor, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    def overtaken(actor: Actor, tenant_id: Any, facts: list[SenderFacts]) -> list[SenderId]:
        SenderId.objects.create(tenant_id=tenant_id, number="16504661149", provider="Portico")
        return add_senders(actor, tenant_id, facts)

    monkeypatch.setattr("senders.actions.add_senders", overtaken)
    page = client.get(save(client, tenant, f"12345\n{GOOD}")["Location"]).content.decode()
    assert "Nothing was added. 16504661149 is a sender ID of this tenant already." in page
    assert SenderId.objects.count() == 1


def test_two_of_one_number_in_one_call_are_refused_by_the_table(actor: Actor, tenant: Tenant) -> None:
    facts = SenderFacts("12345")
    with pytest.raises(ValidationError, match="Somebody added one of these numbers just now"):
        add_senders(actor, tenant.pk, [facts, facts])
    assert not SenderId.objects.exists()


def numbers(how_many: int) -> str:
    return "\n".join(f"1650466{number}" for number in range(1_000, 1_000 + how_many))


def test_a_thousand_are_taken_with_a_few_statements(
    client: Client, tenant: Tenant, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(60):
        assert save(client, tenant, numbers(1_000)).status_code == 302
    assert SenderId.objects.count() == 1_000


def test_one_more_is_not(client: Client, tenant: Tenant) -> None:
    page = save(client, tenant, numbers(1_001)).content.decode()
    assert "Between 1 and 1,000 sender IDs at once are taken; here are 1,001." in page
    assert not SenderId.objects.exists()


def test_a_file_is_read_and_shown_in_the_form(client: Client, tenant: Tenant) -> None:
    text = upload(client, tenant, "\ufeffnumber;section;endpoint\r\n12345;Support;Main\r\n".encode())
    assert "All rows are right" in text
    assert "12345;Support;Main" in text
    assert not SenderId.objects.exists()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("12345;Süd".encode("latin-1"), "This is no UTF-8 text. Save it as CSV UTF-8"),
        ("12345;Support".encode("utf-16"), "This is no UTF-8 text."),
        (b"PK\x03\x04\xff\xfe an Excel file", "This is no UTF-8 text."),
        (b"", "The submitted file is empty."),
        (b" \n", "Paste at least one line, or choose a file."),
        (b"number,section\n", "Between 1 and 1,000 sender IDs at once are taken; here are 0."),
        (b"1" * 200_001, "A file of more than 200,000 bytes is not taken."),
    ],
)
def test_a_file_that_cannot_be_read_gets_a_sentence(
    client: Client, tenant: Tenant, content: bytes, sentence: str
) -> None:
    assert sentence in upload(client, tenant, content)


def test_nothing_at_all_gets_a_sentence(client: Client, tenant: Tenant) -> None:
    assert "Paste at least one line, or choose a file." in check(client, tenant, "").content.decode()


def test_formulas_and_markup_stay_text(client: Client, tenant: Tenant) -> None:
    page = check(client, tenant, "=1+1,<script>alert(1)</script>").content.decode()
    assert "<script>alert" not in page


def test_rows_and_a_file_together_are_refused_and_neither_is_dropped(client: Client, tenant: Tenant) -> None:
    file = SimpleUploadedFile("senders.csv", b"22345,Support,Main\n")
    page = post(client, "bulk", tenant.pk, rows="22346,Other,Main", file=file).content.decode()
    assert "Rows and a file were given, and only one of them is taken." in page
    assert "22346,Other,Main" in page
    same = SimpleUploadedFile("senders.csv", b"22345,Support,Main\n")
    assert (
        "All rows are right" in post(client, "bulk", tenant.pk, rows="22345,Support,Main", file=same).content.decode()
    )
    assert not SenderId.objects.exists()
