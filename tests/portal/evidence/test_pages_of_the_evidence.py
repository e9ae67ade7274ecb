"""The page, the form, the pack's way from asking to downloading, and who may do that."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from portal.accounts.models import Membership, User
from portal.audit.actors import SYSTEM, command_line
from portal.audit.models import SITE_CHAIN, Checkpoint, Event
from portal.audit.verbs import Verb
from portal.audit.verifier import verify
from portal.evidence import pack_builder
from portal.evidence.actions import file_of
from portal.evidence.anchoring import anchor
from portal.evidence.models import Anchoring, Pack, PackState
from portal.evidence.verify_history import verify_and_keep
from portal.tenants.actions import add_tenants
from portal.tenants.fields import MOST_LISTED
from portal.tenants.models import Tenant
from tests.portal.evidence.packs import contents, judged
from tests.support.pages import pages

ClientOf = Callable[[User], Client]
pytestmark = [pytest.mark.databases, pytest.mark.usefixtures("anchored")]


def ask(client: Client, **fields: object) -> Pack:
    answer = client.post("/history/evidence/packs/new/", fields)
    pack = Pack.objects.get()
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/history/evidence/packs/{pack.pk}/")
    return pack


def text(client: Client, url: str) -> str:
    return client.get(url).content.decode()


def test_a_pack_goes_from_asking_to_a_download_that_verifies(
    client_of: ClientOf, auditor: User, tenant: Tenant, other_tenant: Tenant
) -> None:
    client = client_of(auditor)
    pack = ask(client)
    assert pack.chains == [str(tenant.pk)]
    assert "It waits for a worker" in text(client, f"/history/evidence/packs/{pack.pk}/")
    pack_builder.make_pack(pack.pk)
    page = text(client, f"/history/evidence/packs/{pack.pk}/progress/")
    assert "The pack is ready" in page
    assert "hx-get" not in page
    answer = client.get(f"/history/evidence/packs/{pack.pk}/download/")
    downloaded = b"".join(getattr(answer, "streaming_content"))  # noqa: B009 - the stubs do not know it
    assert judged(downloaded).code == verify.WHOLE
    assert str(other_tenant.pk).encode() not in b"".join(contents(downloaded).values())
    verbs = list(Event.objects.filter(chain=str(tenant.pk)).order_by("seq").values_list("verb", flat=True))
    assert verbs[-2:] == [Verb.EVIDENCE_ASKED, Verb.EVIDENCE_DOWNLOADED]
    assert b"evidence.asked" in contents(downloaded)["events.jsonl"]


def test_the_page_refreshes_itself_while_the_pack_is_made(client_of: ClientOf, auditor: User) -> None:
    pack = ask(client_of(auditor))
    Pack.objects.update(state=PackState.RUNNING, events_done=25, events_all=100)
    page = text(client_of(auditor), f"/history/evidence/packs/{pack.pk}/")
    assert f'hx-get="/history/evidence/packs/{pack.pk}/progress/"' in page
    assert 'value="25"' in page


def test_a_period_and_the_site_can_be_chosen(client_of: ClientOf, site_administrator: User, tenant: Tenant) -> None:
    pack = ask(client_of(site_administrator), tenants=[str(tenant.pk)], site="on", begin="2026-01-01", end="2999-01-01")
    assert pack.chains == sorted([str(tenant.pk), SITE_CHAIN])
    assert pack.begin is not None
    assert pack.end is None  # it has not ended yet


@pytest.mark.parametrize(
    "fields", [{"begin": "2026-02-01", "end": "2026-01-01"}, {"begin": "nonsense"}, {"begin": "2999-01-01"}]
)
def test_a_bad_period_gets_a_sentence(client_of: ClientOf, auditor: User, fields: dict[str, str]) -> None:
    answer = client_of(auditor).post("/history/evidence/packs/new/", fields)
    assert answer.status_code == 200
    assert "error" in answer.content.decode()
    assert not Pack.objects.exists()


def test_a_foreign_tenant_answers_like_one_that_does_not_exist(
    client_of: ClientOf, auditor: User, other_tenant: Tenant
) -> None:
    client = client_of(auditor)
    absent = "00000000-0000-4000-8000-000000000000"
    answers = [
        client.post("/history/evidence/packs/new/", {"tenants": [pk]}).content.decode().replace(pk, "…")
        for pk in (str(other_tenant.pk), absent)
    ]
    assert "is not one of the available choices" in answers[0]
    assert "Globex" not in answers[0]
    assert not Pack.objects.exists()


def test_the_sites_history_is_not_offered_to_an_auditor_of_a_tenant(client_of: ClientOf, auditor: User) -> None:
    assert "site&#x27;s own history" not in text(client_of(auditor), "/history/evidence/packs/new/")
    assert ask(client_of(auditor), site="on").chains != [SITE_CHAIN]


def test_nobody_sees_anothers_pack(client_of: ClientOf, auditor: User, outsider: User) -> None:
    pack = ask(client_of(auditor))
    for part in ("", "progress/", "download/"):
        foreign = client_of(outsider).get(f"/history/evidence/packs/{pack.pk}/{part}")
        absent = client_of(outsider).get(f"/history/evidence/packs/{auditor.pk}/{part}")
        assert foreign.status_code == absent.status_code == 404


def test_whoever_lost_the_right_gets_neither_pack_nor_file(client_of: ClientOf, auditor: User) -> None:
    pack = ask(client_of(auditor))
    Membership.objects.filter(user=auditor).delete()
    pack_builder.make_pack(pack.pk)
    pack.refresh_from_db()
    assert (pack.state, pack.problem[:32]) == (PackState.FAILED, "You may not read its history. As")
    assert client_of(auditor).get(f"/history/evidence/packs/{pack.pk}/download/").status_code == 403
    assert client_of(auditor).get("/history/evidence/").status_code == 403


def test_a_file_is_deleted_after_a_day_and_says_so(
    client_of: ClientOf, auditor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    pack = ask(client_of(auditor))
    pack_builder.make_pack(pack.pk)
    pack.refresh_from_db()
    now = timezone.now()
    pack_builder.clear_away()
    assert file_of(pack).exists()
    monkeypatch.setattr(timezone, "now", lambda: now + timedelta(days=1, minutes=1))
    pack_builder.clear_away()
    assert not file_of(pack).exists()
    assert "deleted after a day" in text(client_of(auditor), f"/history/evidence/packs/{pack.pk}/")
    answer = client_of(auditor).get(f"/history/evidence/packs/{pack.pk}/download/", follow=True)
    assert "kept for a day" in answer.content.decode()


def test_another_worker_takes_over_a_pack_whose_maker_fell_silent(auditor: User, client_of: ClientOf) -> None:
    pack = ask(client_of(auditor))
    Pack.objects.update(state=PackState.RUNNING, lease_until=timezone.now() + timedelta(minutes=1))
    pack_builder.make_pack(pack.pk)
    assert not file_of(pack).exists()
    Pack.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    pack_builder.make_pack(pack.pk)
    pack.refresh_from_db()
    assert file_of(pack).exists()
    assert [path for path in file_of(pack).parent.iterdir() if path.suffix != ".zip"] == []


def test_a_key_that_cannot_be_used_fails_the_pack_with_a_sentence(
    client_of: ClientOf, auditor: User, settings: Settings, tmp_path: Path
) -> None:
    pack = ask(client_of(auditor))
    Path(settings.CHECKPOINT_KEY_FILE).write_text("nonsense")
    pack_builder.make_pack(pack.pk)
    assert "restore it from its copy" in text(client_of(auditor), f"/history/evidence/packs/{pack.pk}/")
    assert list((tmp_path / "evidence").iterdir()) == []


def test_the_page_shows_verification_anchor_and_checkpoints(client_of: ClientOf, auditor: User) -> None:
    client = client_of(auditor)
    assert "was not verified yet" in text(client, "/history/evidence/")
    made = anchor()
    assert made is not None
    verify_and_keep(SYSTEM)
    page = text(client, "/history/evidence/")
    assert "Whole" in page
    assert "Written" in page
    note = client.get("/history/evidence/checkpoints/1.txt")
    assert note.content == bytes(made.note)
    assert Event.objects.get(verb="checkpoint.downloaded").target_id == "1"
    assert client.get("/history/evidence/checkpoints/99.txt").status_code == 404
    assert client.get(f"/history/evidence/checkpoints/{10**30}.txt").status_code == 404
    assert client.get("/history/evidence/verifier/verify.py").content == Path(verify.__file__).read_bytes()


def test_a_broken_history_is_told_on_both_pages(
    client_of: ClientOf, site_administrator: User, tenant: Tenant, attack: Callable[..., int]
) -> None:
    anchor()
    attack("DELETE FROM audit_event WHERE chain = %s AND seq = 1", str(tenant.pk))
    found = verify_and_keep(SYSTEM)
    assert not found.whole
    client = client_of(site_administrator)
    assert "The history is broken" in text(client, "/history/evidence/")
    assert "The history is broken" in text(client, "/operations/")
    assert Event.objects.filter(verb=Verb.HISTORY_BROKEN).exists()


def test_a_folder_that_cannot_be_written_is_told_on_both_pages(
    client_of: ClientOf, site_administrator: User, settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    settings.CHECKPOINT_FOLDER = str(tmp_path / "file" / "folder")
    anchor()
    assert Anchoring.objects.get().trouble
    for url in ("/history/evidence/", "/operations/"):
        assert "cannot be used" in text(client_of(site_administrator), url)


def test_a_pack_is_larger_than_its_file_may_be(
    client_of: ClientOf, auditor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.evidence.pack_contents.LARGEST", 1000)
    pack = ask(client_of(auditor))
    pack_builder.make_pack(pack.pk)
    pack.refresh_from_db()
    assert "larger than 4 GB" in pack.problem


def test_older_packs_and_checkpoints_have_pages_of_their_own(client_of: ClientOf, auditor: User) -> None:
    client, url = client_of(auditor), "/history/evidence/"
    packs = [Pack(asked_by_id=auditor.pk, asked_by_label="a", chains=[], state=PackState.DONE) for _ in range(12)]
    Pack.objects.bulk_create(packs)
    for number in range(2, 14):
        Checkpoint.objects.create(number=number, at=timezone.now(), hash="0" * 64, note=b"")
    seen = {
        part: {str(link["href"]) for page in pages(client, url, f"#{part}") for link in page.select(f"#{part} td a")}
        for part in ("packs", "checkpoints")
    }
    assert seen["packs"] == {f"{url}packs/{pack.pk}/" for pack in packs}
    assert seen["checkpoints"] >= {f"{url}checkpoints/{number}.txt" for number in range(2, 14)}


def test_where_tenants_are_many_they_are_typed_one_on_each_line(
    client_of: ClientOf, auditor: User, tenant: Tenant
) -> None:
    others = [Tenant(name=f"Centre {n:02}", ccid=uuid4(), nexus_url="http://127.0.0.1:9") for n in range(MOST_LISTED)]
    add_tenants(command_line(), others)
    for other in others:
        Membership.objects.create(user=auditor, tenant=other, role="auditor")
    client = client_of(auditor)
    assert "<textarea" in text(client, "/history/evidence/packs/new/")
    pack = ask(client, tenants=f"Acme\r\n{others[3].ccid}\r\n")
    assert set(pack.chains) == {str(tenant.pk), str(others[3].pk)}
