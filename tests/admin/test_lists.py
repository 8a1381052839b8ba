"""The lists of the admin with a whole mall in them."""

from __future__ import annotations

from django.contrib import admin as django_admin
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from mpp.packs import loader
from tenants.enums import Role
from tests import factories as make
from tests.admin.conftest import url


def test_a_list_asks_the_database_the_same_few_questions_however_long_it_is(
    db: None, client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    loader.load("balangan")
    client.force_login(make.make_user(Role.ADMIN))
    for model in django_admin.site._registry:
        with django_assert_max_num_queries(15):
            assert client.get(url(model, "changelist")).status_code == 200, model
