import pytest
from pytest_django import Settings

from portal.tenants.models import Tenant
from tests.provisioning.custom_gateway.gateway import answers
from tests.provisioning.kaleyra import Visitor

NO_NUMBER = "Enter a short code (5 or 6 digits) or a long code (10 digits, or 11 with the leading 1)."
EMPTY = "This field is required."
DOMAIN = "Enter a domain such as mail.company.com, without @ and without a path."
NAME = "The name may hold letters, digits and dashes, but no spaces, colons or line breaks."
NEVER = "leads to an address that is never called (link-local, multicast, reserved or metadata)."
PRIVATE = "leads into a private network"
HTTPS = "The address must begin with https://."
MANY_NUMBERS = "\n".join(f"1650466{number}" for number in range(1150, 1201))
MANY_HEADERS = "\n".join(f"x-{number} = 1" for number in range(21))

BAD = [
    ("gateway", "asyncPhoneNumber", "", EMPTY),
    ("gateway", "asyncPhoneNumber", " ,;\n", EMPTY),
    ("gateway", "asyncPhoneNumber", "12345\ncustomers", "customers: A number has digits only; here stands"),
    ("gateway", "asyncPhoneNumber", "12345 16504661150", "12345 16504661150: More than one number stands here"),
    ("gateway", "asyncPhoneNumber", "12345, 12345", "12345 stands here twice."),
    ("gateway", "asyncPhoneNumber", "16504661150\n+1 (650) 466-1150", "16504661150 stands here twice."),
    ("gateway", "asyncPhoneNumber", "16504661150\n6504661150", "16504661150 stands here twice."),
    ("gateway", "asyncPhoneNumber", "67890.0", "67890.0: This ends in .0: a spreadsheet changed it."),
    ("gateway", "asyncPhoneNumber", "+65 6234 5678", "only numbers of North America (+1) are taken"),
    ("gateway", "asyncPhoneNumber", MANY_NUMBERS, "More than 50 numbers in one gateway are not taken."),
    ("gateway", "asyncPhoneNumber", "x\n" * 1_100, "More than 2,000 characters are not taken here."),
    ("gateway", "asyncWebhookURL", "", EMPTY),
    ("gateway", "asyncWebhookURL", "http://gateway.example.com", HTTPS),
    ("gateway", "asyncWebhookURL", "ftp://gateway.example.com", HTTPS),
    ("gateway", "asyncWebhookURL", "https://user@gateway.example.com", "without user name and password"),
    ("gateway", "asyncWebhookURL", "https://169.254.169.254/latest/", NEVER),
    ("gateway", "asyncWebhookURL", "https://[fe80::1]/", NEVER),
    ("gateway", "asyncWebhookURL", "https://[::ffff:169.254.169.254]/", NEVER),
    ("gateway", "asyncWebhookURL", "https://0.0.0.0/", NEVER),
    ("gateway", "asyncWebhookURL", "https://10.1.2.3/", PRIVATE),
    ("gateway", "asyncWebhookURL", "https://192.168.1.1/", PRIVATE),
    ("gateway", "asyncWebhookURL", "https://2130706433/", "four plain decimal numbers"),
    ("gateway", "asyncWebhookURL", "https://127.1/", "four plain decimal numbers"),
    ("gateway", "asyncWebhookURL", "https://gateway.example.com\\@evil.example", "The address holds a space"),
    ("gateway", "asyncWebhookURL", "https://gateway.example.com:0/", "between 1 and 65535"),
    ("gateway", "asyncAPISignatureKey", "", EMPTY),
    ("gateway", "asyncWebhookSignatureKey", "", EMPTY),
    ("gateway", "asyncEmailDomain", "sms@mail.company.com", DOMAIN),
    ("gateway", "asyncEmailDomain", "https://mail.company.com", DOMAIN),
    ("gateway", "asyncEmailDomain", "mail.company.com/sms", DOMAIN),
    ("gateway", "asyncEmailDomain", "localhost", DOMAIN),
    ("gateway", "asyncEmailDomain", "-mail.company.com", DOMAIN),
    ("gateway", "asyncEmailDomain", "mail..company.com", DOMAIN),
    ("gateway", "asyncEmailDomain", "192.0.2.1", DOMAIN),
    ("gateway", "asyncEmailDomain", f"{'a' * 64}.com", DOMAIN),
    ("headers", "headers", "x-one", "Line 1: Write NAME = VALUE."),
    ("headers", "headers", "x-one = 1\n\nx two = 2", f"Line 3: {NAME}"),
    ("headers", "headers", "x-one: 1 = 2", f"Line 1: {NAME}"),
    ("headers", "headers", "x-\u00e9 = 1", f"Line 1: {NAME}"),
    ("headers", "headers", " = 1", f"Line 1: {NAME}"),
    ("headers", "headers", "x-one = 1\rHost: evil.example", "Line 2: Write NAME = VALUE."),
    ("headers", "headers", "x-one = 1\r\n\r\nGET / HTTP/1.1", "Line 3: Write NAME = VALUE."),
    ("headers", "headers", "x-one = 1\u2028Host = evil.example", "Line 2: Host is set by HTTP"),
    ("headers", "headers", "x-one = caf\u00e9", "Line 1: The value of x-one may hold up to 500 plain ASCII characters"),
    ("headers", "headers", "x-one = a\tb", "plain ASCII characters, no line breaks"),
    ("headers", "headers", f"x-one = {'v' * 501}", "may hold up to 500 plain ASCII characters"),
    ("headers", "headers", "x-one =", "Line 1: x-one has no value."),
    ("headers", "headers", "x-one = 1\nX-ONE = 2", "Line 2: X-ONE stands here twice."),
    ("headers", "headers", MANY_HEADERS, "Line 21: More than 20 headers are not taken."),
    ("headers", "headers", "x = 1\n" * 4_000, "More than 20,000 characters are not taken here."),
    *(
        ("headers", "headers", f"{name} = 1", f"Line 1: {name} is set by HTTP or by Digital Channels itself")
        for name in ("Host", "content-length", "Content-Type", "Transfer-Encoding", "Connection", "Proxy-Authorization")
    ),
    ("headers", "headers", "X-Hub-Signature = sha1=0", "X-Hub-Signature is set by HTTP or by Digital Channels itself"),
    ("headers", "headers", "x-hub-signature-256 = 0", "x-hub-signature-256 is set by HTTP"),
    ("headers", "headers", "X-B3-TraceId = 0", "X-B3-TraceId is set by HTTP"),
]


@pytest.fixture(autouse=True)
def in_the_wide_world(tenant: Tenant, settings: Settings) -> None:
    """Nothing is sent here; the forms speak as they do in production."""
    settings.OUTBOUND_LOOPBACK_ONLY = False
    settings.OUTBOUND_ALLOW_LOOPBACK = False


@pytest.mark.parametrize(("step", "name", "value", "sentence"), BAD)
def test_the_sentence_stands_at_the_field_and_nothing_is_saved(  # noqa: PLR0917 - the table's columns and the parts
    visitor: Visitor, tenant: Tenant, step: str, name: str, value: str, sentence: str
) -> None:
    good = answers(tenant, asyncWebhookURL="https://genesys-webhook.company.com")[step]
    text = visitor.save(step, good | {name: value}).content.decode()
    at_the_field = text[text.index(f'id="id_{name}_error"') :]
    assert sentence in at_the_field[: at_the_field.index("</div>")].replace("&#x27;", "'")
    visitor.setup.refresh_from_db()
    assert (visitor.setup.version, visitor.setup.answers) == (0, None)


def test_each_bad_number_gets_its_own_sentence(visitor: Visitor, tenant: Tenant) -> None:
    page = visitor.save("gateway", answers(tenant)["gateway"] | {"asyncPhoneNumber": "999\n12345\nhello;12345"})
    text = page.content.decode()
    for sentence in (f"999: This has 3 digits. {NO_NUMBER}", f"letter h. {NO_NUMBER}", "12345 stands here twice."):
        assert sentence in text


def test_each_bad_header_gets_its_own_sentence(visitor: Visitor) -> None:
    text = visitor.save("headers", {"headers": "one\ntwo = 2\nHost = x"}).content.decode()
    assert "Line 1: Write NAME = VALUE." in text
    assert "Line 2:" not in text
    assert "Line 3: Host is set by HTTP" in text


def test_loopback_without_encryption_is_the_one_exception(visitor: Visitor, tenant: Tenant, settings: Settings) -> None:
    values = answers(tenant, asyncWebhookURL="http://127.0.0.1:8000/sms")["gateway"]
    assert "must begin with https" in visitor.save("gateway", values).content.decode()
    settings.OUTBOUND_ALLOW_LOOPBACK = True
    saved = visitor.save("gateway", values)
    assert saved.status_code == 302
    assert "messages travel unencrypted" in visitor.client.get(saved["Location"]).content.decode()


def test_loopback_is_refused_where_it_is_not_allowed(visitor: Visitor, tenant: Tenant) -> None:
    text = visitor.save("gateway", answers(tenant, asyncWebhookURL="https://localhost/")["gateway"]).content.decode()
    assert "leads to the portal&#x27;s own machine" in text
