"""Who comes into the admin, and what a role may do there."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from queueing.models import Booking
from tenants.enums import Role
from tenants.models import Agency, User, Zone
from tests import factories as make
from tests.admin.conftest import send, url
from tests.admin.test_pages import MODELS
from tests.conftest import Place

SHARES_ITS_WORLD = True


def test_a_stranger_is_sent_to_the_one_sign_in_page(client: Client, place: Place) -> None:
    page = client.get("/admin/tenants/agency/", follow=True)
    path, _status = page.redirect_chain[-1]
    assert path.startswith(reverse("sign-in"))
    assert "admin" in path
    door = client.get("/admin/login/", {"next": "/admin/tenants/agency/"})
    assert door["Location"] == f"{reverse('sign-in')}?next=%2Fadmin%2Ftenants%2Fagency%2F"
    assert client.post("/admin/login/", {"username": "a", "password": "b"}).status_code == 302


@pytest.mark.parametrize("role", [Role.OFFICER, Role.RECEPTIONIST, Role.FLOOR_MANAGER])
def test_the_other_roles_have_no_business_here(client: Client, place: Place, role: Role) -> None:
    client.force_login(make.make_user(role, agency=place.agency))
    for model in MODELS:
        page = client.get(url(model, "changelist"), follow=True)
        assert page.status_code == 403, model
    assert client.get("/admin/", follow=True).status_code == 403


@pytest.mark.parametrize("role", [Role.OFFICER, Role.RECEPTIONIST, Role.FLOOR_MANAGER])
def test_a_staff_mark_alone_opens_nothing(client: Client, place: Place, role: Role) -> None:
    client.force_login(make.make_user(role, is_staff=True))
    assert client.get(url(Agency, "changelist"), follow=True).status_code == 403
    assert client.post(url(Agency, "add"), {}, follow=True).status_code == 403


def test_the_auditor_reads_everything_and_changes_nothing(everything: Place, auditor: Client) -> None:
    for model in MODELS:
        row = model._default_manager.first()
        assert row is not None, model
        assert auditor.get(url(model, "changelist")).status_code == 200, model
        assert auditor.get(url(model, "change", row.pk)).status_code == 200, model
        assert auditor.post(url(model, "change", row.pk), {}).status_code == 403, model
        assert auditor.get(url(model, "add")).status_code == 403, model
        assert auditor.post(url(model, "delete", row.pk), {"post": "yes"}).status_code == 403, model


def test_the_auditor_exports_but_does_not_import(everything: Place, auditor: Client) -> None:
    assert auditor.post(url(Zone, "export"), {"format": "0", "resource": "0"}).status_code == 200
    assert send(auditor, Zone, "code\nx\n").status_code == 403
    assert auditor.post(url(Zone, "process_import"), {}).status_code == 403


def test_the_auditor_cannot_move_a_status(everything: Place, bank: Agency, auditor: Client) -> None:
    assert auditor.get(f"/admin/tenants/agency/{bank.pk}/keadaan/").status_code == 403
    assert auditor.post(f"/admin/tenants/agency/{bank.pk}/keadaan/", {"status": "ENDED"}).status_code == 403


def test_an_inactive_admin_is_out(client: Client, place: Place) -> None:
    user = make.make_user(Role.ADMIN)
    client.force_login(user)
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert client.get("/admin/").status_code == 302


def test_leaving_ends_the_session(admin: Client) -> None:
    assert admin.post("/admin/logout/").status_code == 303
    assert admin.get("/admin/").status_code == 302


@pytest.mark.parametrize(
    ("table", "lookup"),
    [
        ("tenants/placement", "user__password__startswith"),
        ("tenants/user", "password__startswith"),
        ("queueing/ticket", "token_digest__startswith"),
        ("queueing/ticket", "nonce__startswith"),
        ("queueing/ticket", "phone__startswith"),
        ("queueing/ticket", "person__startswith"),
        ("queueing/ticket", "visit__nonce__startswith"),
        ("queueing/booking", "code__startswith"),
        ("queueing/booking", "phone__startswith"),
        ("queueing/booking", "token_digest__startswith"),
        ("queueing/visit", "nonce__startswith"),
        ("notifications/message", "recipient__startswith"),
        ("notifications/message", "way__recipient__startswith"),
        ("notifications/way", "recipient__startswith"),
        ("notifications/stop", "recipient__startswith"),
        ("queueing/ticketevent", "actor__password__startswith"),
        ("queueing/ticketevent", "ticket__token_digest__startswith"),
        ("queueing/ticketevent", "request_key__startswith"),
    ],
)
def test_secrets_cannot_be_guessed_letter_by_letter(
    everything: Place, admin: Client, table: str, lookup: str
) -> None:
    assert admin.get(f"/admin/{table}/", {lookup: "a"}).status_code == 400


def test_what_opens_a_citizens_page_is_shown_nowhere(everything: Place, admin: Client) -> None:
    ticket = make.issue(everything.service, phone="+6281234567890")
    for path in (f"/admin/queueing/ticket/{ticket.pk}/change/", "/admin/queueing/ticket/"):
        shown = admin.get(path).content.decode()
        assert ticket.token not in shown
        assert ticket.nonce not in shown
        assert "81234567890" not in shown
    booking = Booking.objects.get()
    for path in (f"/admin/queueing/booking/{booking.pk}/change/", "/admin/queueing/booking/"):
        shown = admin.get(path).content.decode()
        for secret in (booking.code, booking.nonce, booking.token):
            assert secret not in shown
    assert "81200000000" not in admin.get("/admin/notifications/message/").content.decode()


def test_the_menu_finds_tables_and_bears_any_search(everything: Place, admin: Client) -> None:
    assert "Instansi" in admin.get("/admin/search/", {"s": "instansi"}).content.decode()
    for term in ("", "zzz", "x" * 5000, "%", "<script>"):
        page = admin.get("/admin/search/", {"s": term, "page": "abc"})
        assert page.status_code == 200
        assert "<script>" not in page.content.decode()


@pytest.mark.parametrize(
    "path", ["/admin/tenants/agency/abc/change/", "/admin/tenants/agency/999999/change/"]
)
def test_an_unknown_row_leads_back_with_a_word(admin: Client, path: str) -> None:
    assert admin.get(path).status_code == 302


@pytest.mark.parametrize("key", ["abc", "999999", "1%00"])
def test_the_status_page_of_an_unknown_row_is_not_found(admin: Client, key: str) -> None:
    assert admin.get(f"/admin/tenants/agency/{key}/keadaan/").status_code == 404


def test_an_admin_cannot_touch_a_superuser(admin: Client, place: Place) -> None:
    root = User.objects.create_superuser("root", password=make.PASSWORD)
    assert (
        admin.post(url(User, "change", root.pk), {"username": "root", "role": "OFFICER"}).status_code == 403
    )
    assert admin.get(f"/admin/tenants/user/{root.pk}/password/").status_code == 403


def test_nobody_makes_a_superuser_through_the_form(admin: Client, place: Place) -> None:
    sent = {
        "username": "baru",
        "role": "OFFICER",
        "password1": "kata-sandi-yang-panjang",
        "password2": "kata-sandi-yang-panjang",
        "is_superuser": "on",
        "is_staff": "on",
        "placements-TOTAL_FORMS": "0",
        "placements-INITIAL_FORMS": "0",
    }
    assert admin.post(url(User, "add"), sent).status_code == 302
    user = User.objects.get(username="baru")
    assert (user.is_superuser, user.is_staff) == (False, False)
    assert user.check_password("kata-sandi-yang-panjang")


def test_who_only_looks_reads_no_hash_of_a_password(auditor: Client, place: Place) -> None:
    page = auditor.get(url(User, "change", place.officer.pk)).content.decode()
    assert place.officer.username in page
    assert "argon2" not in page
