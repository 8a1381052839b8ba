"""Promises about the code itself."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models

from mpp.celery import app
from tests.conftest import Place
from tests.factories import issue

ROOT = Path(settings.BASE_DIR)
OURS = ("mpp", "tenants", "services", "queueing", "agreements")


def sources() -> list[Path]:
    paths = (path for package in OURS for path in (ROOT / package).rglob("*.py"))
    return [path for path in paths if "migrations" not in path.parts]


def our_models() -> list[type[models.Model]]:
    labels = {"core", "notifications", "tenants", "services", "queueing", "agreements", "dashboard"}
    return [model for model in apps.get_models() if model._meta.app_label in labels]


def test_every_constraint_speaks_indonesian() -> None:
    silent = [
        constraint.name
        for model in our_models()
        for constraint in model._meta.constraints
        if constraint.violation_error_message == constraint.default_violation_error_message
        or not constraint.violation_error_message
    ]
    assert silent == []


def test_nothing_puts_a_task_on_the_queue_by_itself() -> None:
    calls = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sources()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in {"delay", "apply_async", "send_task"}
    ]
    assert calls == []


def test_only_actions_save_the_day() -> None:
    """Views, API, admin and tasks never write rows of `queueing` themselves."""
    writers = {"create", "update", "bulk_create", "bulk_update", "delete", "save", "get_or_create"}
    edges = [path for path in sources() if path.parts[-2:][0] in {"views", "api"} or path.name == "tasks.py"]
    calls = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.func.attr}"
        for path in edges
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in writers
        if not isinstance(node.func.value, ast.Name) or node.func.value.id not in {"cache", "hashlib"}
    ]
    assert calls == []


def test_no_module_is_called_services() -> None:
    assert [path for path in sources() if path.name == "services.py"] == []


def test_every_periodic_job_is_a_task_that_exists() -> None:
    app.loader.import_default_modules()
    schedule: Any = app.conf.beat_schedule
    scheduled = {entry["task"] for entry in schedule.values()}
    assert scheduled <= set(app.tasks)


def test_the_cache_and_the_broker_speak_json() -> None:
    assert settings.CELERY_ACCEPT_CONTENT == ["json"]
    caches: Any = settings.CACHES
    assert "JSON" in caches["default"]["OPTIONS"]["serializer"]


def test_a_bare_save_of_an_existing_number_is_refused(place: Place) -> None:
    ticket = issue(place.service)
    with pytest.raises(AssertionError, match="update_fields"):
        ticket.save()


def lint_imports(tree: Path) -> subprocess.CompletedProcess[str]:
    lint = Path(sys.executable).with_name("lint-imports")
    return subprocess.run([str(lint), "--no-cache"], cwd=tree, capture_output=True, text=True, check=False)


def test_imports_only_look_down_and_the_contract_can_fail(tmp_path: Path) -> None:
    for package in OURS:
        shutil.copytree(
            ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("*.csv", "__pycache__")
        )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    green = lint_imports(tmp_path)
    assert green.returncode == 0, green.stdout
    with (tmp_path / "tenants" / "querysets.py").open("a") as file:
        file.write("\nimport queueing.models\n")
    red = lint_imports(tmp_path)
    assert red.returncode != 0
    assert "tenants.querysets -> queueing.models" in red.stdout
