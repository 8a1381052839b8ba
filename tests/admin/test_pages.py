"""Every page of the admin, by role."""

from __future__ import annotations

import pytest
from django.contrib import admin as django_admin
from django.db import models
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from mpp.core import audit, clock
from mpp.core.admin import ReadOnly, TableAdmin
from mpp.core.models import AuditEntry
from mpp.dashboard.navigation import MENU
from mpp.notifications.models import Message
from queueing.models import QueueDay, Ticket, TicketEvent
from tenants.models import SignInAttempt
from tests import factories as make
from tests.admin.conftest import send, url
from tests.conftest import Place
from tests.support.words import left_over

SHARES_ITS_WORLD = True

MODELS = sorted(django_admin.site._registry, key=lambda model: model._meta.label)
CHANGEABLE = [model for model in MODELS if not isinstance(django_admin.site._registry[model], ReadOnly)]
TABLES = [model for model in MODELS if isinstance(django_admin.site._registry[model], TableAdmin)]
WITH_HISTORY = [model for model in MODELS if hasattr(model, "history")]


def label(model: type[models.Model]) -> str:
    return model._meta.label


@pytest.mark.parametrize("model", MODELS, ids=label)
def test_list_form_and_history_of_every_table_open_and_speak_indonesian(
    everything: Place, admin: Client, model: type[models.Model]
) -> None:
    row = model._default_manager.first()
    assert row is not None
    for path in [
        url(model, "changelist"),
        url(model, "changelist") + "?q=uji",
        url(model, "changelist") + "?q=tidak-ada-yang-cocok",
        url(model, "change", row.pk),
        url(model, "history", row.pk),
    ]:
        page = admin.get(path)
        assert page.status_code == 200, path
        assert not left_over(page.content), path


@pytest.mark.parametrize("model", CHANGEABLE, ids=label)
def test_a_row_can_be_added_to_every_table_of_the_catalogue(
    everything: Place, admin: Client, model: type[models.Model]
) -> None:
    # Of these every row that there can be is there.
    complete = {
        "agreements.AgreementRules",
        "agreements.AttendanceRules",
        "agreements.JoiningAgency",
        "core.Mall",
        "notifications.ChannelRule",
        "notifications.Wording",
        "queueing.AlertRule",
        "queueing.HallRules",
    }
    page = admin.get(url(model, "add"))
    assert page.status_code == (403 if model._meta.label in complete else 200)
    assert not left_over(page.content)


@pytest.mark.parametrize("model", [m for m in MODELS if m not in CHANGEABLE], ids=label)
def test_what_the_portal_writes_cannot_be_changed_by_hand(
    everything: Place, admin: Client, model: type[models.Model]
) -> None:
    row = model._default_manager.first()
    assert row is not None
    assert admin.get(url(model, "add")).status_code == 403
    assert admin.post(url(model, "change", row.pk), {}).status_code == 403
    assert admin.post(url(model, "delete", row.pk), {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("model", TABLES, ids=label)
def test_every_catalogue_table_goes_out_and_comes_in_unchanged_and_in_indonesian(
    everything: Place, admin: Client, model: type[models.Model]
) -> None:
    assert not left_over(admin.get(url(model, "import")).content)
    assert not left_over(admin.get(url(model, "export")).content)
    exported = admin.post(url(model, "export"), {"format": "0", "resource": "0"})
    assert exported.status_code == 200
    assert exported["Content-Type"].startswith("text/csv")
    page = send(admin, model, exported.content)
    assert page.context["result"].problems == []
    assert page.context["result"].totals["new"] == page.context["result"].totals["update"] == 0
    assert page.context["result"].totals["skip"] == model._default_manager.count()
    assert not left_over(page.content)
    assert not left_over(send(admin, model, "a,b\n1,2\n").content)


def test_a_list_that_grows_by_itself_asks_no_more_when_it_is_long(
    everything: Place, admin: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    message = Message.objects.get()
    for number in range(30):
        make.issue(everything.service)
        audit.record("uji", by=everything.officer, target=number)
        message.pk, message.dedupe_key = None, str(number)
        message.save(force_insert=True)
        SignInAttempt.objects.create(username="petugas", at=clock.now(), succeeded=False)
    for model in (Ticket, TicketEvent, QueueDay, AuditEntry, Message, SignInAttempt):
        with django_assert_max_num_queries(15):
            assert admin.get(url(model, "changelist")).status_code == 200


def test_the_menu_has_every_table_once() -> None:
    rows = [row for _title, lines in MENU for row in lines]
    lists = [row[2] for row in rows if len(row) == 3]
    assert {row[2] for row in rows} == {model._meta.label_lower for model in MODELS}
    assert len(lists) == len(set(lists))
