import time
import pytest
from django.test import Client
from portal.accounts.permission import person
from provisioning.demo.story import _answered
from provisioning.actions import begin_setup, start_setup
from provisioning.models import Setup
from portal.audit.models import *
from tests.support.children import wait_for

def draft(administrator, tenant_at_sandbox):
    a=person(administrator)
    s=begin_setup(a,tenant_at_sandbox,"kaleyra")
    return a,_answered(s,a)

@pytest.mark.parametrize("n",[1,2])
def test_worker(worker, administrator, tenant_at_sandbox, sandbox, n):
    a,s=draft(administrator,tenant_at_sandbox)
    s=start_setup(a,s)
    wait_for(lambda: Setup.objects.get(pk=s.pk).state=="succeeded","setup")
    assert [l["effect"] for l in sandbox.ledger(effects=True)]==["created SMS","created mGageSMS"]

def test_kill(capsys, start_worker, start_beat, administrator, tenant_at_sandbox, sandbox):
    sandbox.settings(latency_ms=1000)
    w=start_worker(); b=start_beat()
    a,s=draft(administrator,tenant_at_sandbox)
    s=start_setup(a,s)
    wait_for(lambda: sandbox.stats()["requests"]==1,"req")
    w.kill(); w.start()
    try: wait_for(lambda: Setup.objects.get(pk=s.pk).state=="succeeded","setup",15)
    finally:
        print(Setup.objects.values(), list(s.steps.values()), w.output()[-3000:], b.output()[-1500:], sandbox.ledger())
    assert [l["effect"] for l in sandbox.ledger(effects=True)]==["created SMS","created mGageSMS"]

@pytest.mark.databases
def test_db(client_of, administrator, outsider, auditor, representative, db):
    r=client_of(administrator).get("/",follow=True)
    assert r.status_code==200

@pytest.mark.databases
def test_tdb(transactional_db, client_of, administrator, outsider):
    r=client_of(administrator).get("/",follow=True)
    assert r.status_code==200

@pytest.mark.browser
def test_page(page, administrator):
    page.goto("/")
    assert "Sign" in page.content()
