from django.urls import reverse

from portal.audit.actors import Actor
from portal.devtools.sandbox.control import Control
from provisioning.models import Setup
from provisioning.runs.actions import reopen_setup, resume_setup, start_setup
from provisioning.wizard.actions import save_step
from senders.models import SenderId
from tests.provisioning import kaleyra
from tests.provisioning.kaleyra import ACCOUNT, Visitor, verbs


def fail_at_second(setup: Setup, sandbox: Control) -> Setup:
    """Run it into a refusal of mGageSMS."""
    sandbox.fault("unauthorized", match={"path_contains": "mGageSMS"})
    return kaleyra.run(setup)


def paths(sandbox: Control) -> list[str]:
    """The services that were asked for, in order."""
    return [line["path"].rpartition("/")[2] for line in sandbox.ledger()]


def test_resume_sends_only_what_is_missing(queued: Setup, sandbox: Control, actor: Actor) -> None:
    failed = fail_at_second(queued, sandbox)
    assert [step.state for step in failed.steps.all()] == ["created", "failed"]
    resume_setup(actor, failed)
    assert kaleyra.run(failed).state == "succeeded"
    assert paths(sandbox) == ["SMS", "mGageSMS", "mGageSMS"]
    assert verbs(queued.tenant).count("setup.resumed") == 1


def test_reopened_answers_can_change_and_run_again(queued: Setup, sandbox: Control, actor: Actor) -> None:
    draft = reopen_setup(actor, fail_at_second(queued, sandbox))
    assert draft.state == "draft"
    changed = ACCOUNT | {"kaleyraURL": f"{kaleyra.KALEYRA_URL}/v2", "kaleyraPassword": ""}
    draft = save_step(actor, draft, "account", changed, draft.version)
    assert kaleyra.run(start_setup(actor, draft)).state == "succeeded"
    assert paths(sandbox) == ["SMS", "mGageSMS", "mGageSMS"]
    last = sandbox.ledger()[-1]["body"]
    assert last["url"] == f"{kaleyra.KALEYRA_URL}/v2"
    assert last["secret"]["password"] == kaleyra.PASSWORD


def test_a_reopened_one_that_has_sent_cannot_be_thrown_away(
    queued: Setup, sandbox: Control, actor: Actor, onlooker: Visitor
) -> None:
    reopen_setup(actor, fail_at_second(queued, sandbox))
    page = onlooker.client.post(reverse("setup_discard", args=[queued.pk]), follow=True)
    assert "It has sent requests already" in page.content.decode()
    assert "Discard the draft" not in page.content.decode()
    assert Setup.objects.get().state == "draft"


def test_resume_of_a_finished_one_changes_nothing(queued: Setup, sandbox: Control, actor: Actor) -> None:
    done = kaleyra.run(queued)
    assert resume_setup(actor, done).state == "succeeded"
    assert len(sandbox.ledger()) == 2


def test_the_number_is_kept_as_a_draft_once(queued: Setup, sandbox: Control, actor: Actor) -> None:
    draft = reopen_setup(actor, fail_at_second(queued, sandbox))
    start_setup(actor, draft)
    sender = SenderId.objects.get()
    assert (sender.number, sender.provider, sender.state) == (kaleyra.NUMBER, "mGage", "draft")
    assert verbs(queued.tenant).count("sender.drafted") == 1


def test_the_page_offers_resume_and_the_answers(queued: Setup, sandbox: Control, onlooker: Visitor) -> None:
    fail_at_second(queued, sandbox)
    page = onlooker.client.get(reverse("setup", args=[queued.pk])).content.decode()
    assert "mGageSMS: 127.0.0.1 refused access (401)" in page
    for verb in ("resume", "reopen"):
        assert reverse(f"setup_{verb}", args=[queued.pk]) in page
    resumed = onlooker.do("resume")
    assert resumed["Location"] == reverse("setup", args=[queued.pk])
    assert kaleyra.run(queued).state == "succeeded"
