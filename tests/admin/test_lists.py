"""The lists of the admin at the size of a real mall."""

from __future__ import annotations

from django.test import Client
from pytest_django.fixtures import DjangoAssertNumQueries

from mpp.packs import loader
from tenants.enums import Role
from tests import factories as make
from tests.admin.conftest import url
from tests.admin.test_pages import TABLES


def test_a_list_asks_the_database_the_same_few_questions_however_long_it_is(
    db: None, client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    loader.load("balangan")
    client.force_login(make.make_user(Role.ADMIN))
    for model in TABLES:
        with django_assert_max_num_queries(15):
            assert client.get(url(model, "changelist")).status_code == 200
