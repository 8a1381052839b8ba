"""docker-compose.yml and its companions, read as data: no container engine is needed."""

from __future__ import annotations

import ast
import importlib.util
import json
import os
import re
import shlex
import shutil
import stat
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from bench import compose

ROOT = compose.ROOT
COMPOSE = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
EXAMPLE = (ROOT / ".env.example").read_text(encoding="utf-8")
SERVICES = compose.services()
ONE_SHOT = {"migrate"}


def example_names() -> set[str]:
    return set(re.findall(r"^#?([A-Z][A-Z0-9_]*)=", EXAMPLE, re.MULTILINE))


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_has_a_health_check_or_ends_by_itself(name: str) -> None:
    service = SERVICES[name]
    if name in ONE_SHOT:
        assert service["restart"] == "no"
    else:
        assert service["healthcheck"]["test"][0] == "CMD"
        assert service["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", SERVICES)
def test_no_service_is_root_or_may_become_it(name: str) -> None:
    service = SERVICES[name]
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", service["user"])
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


@pytest.mark.parametrize("name", [name for name in SERVICES if name != "database"])
def test_services_cannot_write_to_their_own_files(name: str) -> None:
    assert SERVICES[name]["read_only"] is True


def test_ports_are_on_loopback_and_only_the_proxy_has_any() -> None:
    assert {name for name, service in SERVICES.items() if "ports" in service} == {"proxy"}
    for port in SERVICES["proxy"]["ports"]:
        assert port.startswith("${BIND_ADDRESS:-127.0.0.1}:")
    assert "\nBIND_ADDRESS=127.0.0.1\n" in EXAMPLE


def test_only_the_proxy_and_the_sender_of_messages_can_reach_the_world() -> None:
    networks = yaml.safe_load(COMPOSE)["networks"]
    assert networks["inside"]["internal"] is True
    outside = {name for name, service in SERVICES.items() if service["networks"] != ["inside"]}
    assert outside == {"proxy", "worker"}


def test_each_process_waits_for_what_it_needs() -> None:
    for name in ("web", "live", "worker", "beat"):
        assert SERVICES[name]["depends_on"] == {
            "database": {"condition": "service_healthy"},
            "cache": {"condition": "service_healthy"},
            "migrate": {"condition": "service_completed_successfully"},
        }
    assert SERVICES["migrate"]["depends_on"] == {"database": {"condition": "service_healthy"}}
    assert SERVICES["proxy"]["depends_on"] == {
        "web": {"condition": "service_healthy"},
        "live": {"condition": "service_healthy"},
    }


def test_postgresql_18_keeps_its_data_where_that_version_wants_it() -> None:
    assert SERVICES["database"]["image"] == "postgres:18"
    assert SERVICES["database"]["volumes"] == ["database:/var/lib/postgresql"]


def test_every_variable_is_explained_in_the_example() -> None:
    used = set(re.findall(r"\$\{([A-Z_]+)", COMPOSE))
    assert used
    assert used <= example_names()


def test_every_setting_from_the_environment_is_explained_in_the_example() -> None:
    tree = ast.parse((ROOT / "mpp" / "settings.py").read_text(encoding="utf-8"))
    read = {
        str(call.args[0].value)
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id == "environment"
        and call.args
        and isinstance(call.args[0], ast.Constant)
    }
    explained = example_names() | {name.removesuffix("_FILE") for name in example_names()}
    assert "SECRET_KEY" in read
    assert read <= explained


def test_no_secret_is_written_into_the_file() -> None:
    declared = yaml.safe_load(COMPOSE)["secrets"]
    for service in SERVICES.values():
        assert set(service.get("secrets", [])) <= set(declared)
        for name, value in service.get("environment", {}).items():
            if re.search(r"PASSWORD|SECRET_KEY|TOKEN_KEY|DATABASE_URL", name):
                assert name.endswith("_FILE")
                assert str(value).startswith("/run/secrets/")


@pytest.mark.parametrize("name", compose.own_services())
def test_commands_name_programs_and_modules_that_exist(name: str, tmp_path: Path) -> None:
    command = compose.local_command(name, web=8000, live=8001, scratch=tmp_path)
    assert shutil.which(command[0])
    for word in command[1:]:
        if re.fullmatch(r"mpp[\w.]*(:\w+)?", word):
            assert importlib.util.find_spec(word.partition(":")[0])
        if word.endswith(".py"):
            assert (ROOT / word).is_file()


def test_health_checks_ask_the_script_that_is_in_the_image() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    for name in ("web", "live", "worker", "beat"):
        assert SERVICES[name]["healthcheck"]["test"][1:3] == ["python", "deploy/healthcheck.py"]
    assert "!deploy/healthcheck.py" in ignored


def test_the_image_holds_every_app_and_nothing_private() -> None:
    kept = {
        line[1:]
        for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
        if line.startswith("!")
    }
    apps = {path.parent.name for path in ROOT.glob("*/apps.py")}
    assert apps | {"mpp", "templates", "static", "locale", "manage.py", "uv.lock"} <= kept
    assert not kept & {"tests", "bench", "docs", ".env", "var", ".git", "deploy"}


def test_the_image_runs_as_a_number_that_is_not_root_with_the_command_of_compose() -> None:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert re.findall(r"^USER (.+)$", text, re.MULTILINE) == [SERVICES["web"]["user"]]
    found = re.search(r"^CMD (\[.+?\])$", text, re.MULTILINE | re.DOTALL)
    assert found
    assert json.loads(found[1].replace("\\\n", "")) == SERVICES["web"]["command"]
    assert "--frozen --no-dev --extra production" in text
    assert "embedded" not in text


@pytest.mark.parametrize("name", ["web", "live", "worker", "beat"])
def test_systemd_runs_the_same_commands_as_compose(name: str) -> None:
    unit = (ROOT / "deploy" / "systemd" / f"mpp-{name}.service").read_text(encoding="utf-8")
    found = re.search(r"^ExecStart=(.+?)(?<!\\)$", unit, re.MULTILINE | re.DOTALL)
    assert found
    program, *arguments = shlex.split(found[1].replace("\\\n", ""))
    expected = [word.replace(compose.EVERYWHERE, "127.0.0.1") for word in SERVICES[name]["command"]]
    assert [Path(program).name, *arguments] == expected
    assert "User=mpp" in unit


def test_secrets_are_made_once_and_kept_from_other_accounts(tmp_path: Path) -> None:
    directory = tmp_path / "secrets"
    make: list[Any] = ["bash", ROOT / "deploy" / "new-secrets", directory]
    subprocess.run(make, check=True, capture_output=True)
    first = {path.name: path.read_text() for path in directory.iterdir()}
    subprocess.run(make, check=True, capture_output=True)

    assert {path.name: path.read_text() for path in directory.iterdir()} == first
    assert set(first) == set(yaml.safe_load(COMPOSE)["secrets"])
    assert first["database_url"] == f"postgres://mpp:{first['database_password']}@database:5432/mpp"
    assert min(len(first["secret_key"]), len(first["token_key"])) >= 50
    assert len(set(first.values())) == 4
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert os.access(directory / "secret_key", os.R_OK)


def test_the_proxy_streams_live_pages_without_holding_them_back() -> None:
    text = (ROOT / "deploy" / "proxy" / "Caddyfile").read_text(encoding="utf-8")
    live, rest = text.split("handle /live/* {")[1].split("handle {", 1)
    assert "{$LIVE:127.0.0.1:8001}" in live
    assert "flush_interval -1" in live
    assert "encode" not in live
    assert "{$WEB:127.0.0.1:8000}" in rest


def test_no_log_of_the_proxy_or_of_a_server_holds_the_secret_address_of_a_number() -> None:
    text = (ROOT / "deploy" / "proxy" / "Caddyfile").read_text(encoding="utf-8")
    assert re.findall(r"^\s*log\b.*\n\s*(.+)", text, re.MULTILINE) == ["exclude http.log.error"]
    assert "--no-access-log" in SERVICES["live"]["command"]
    assert not [word for word in SERVICES["web"]["command"] if word.startswith("--access-log")]


def test_ci_runs_every_part_of_make_check() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    found = re.search(r"^check: ([a-z ]+)", makefile, re.MULTILINE)
    assert found
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    run = {word for line in re.findall(r"\bmake (?:--[\w=-]+ )*([a-z ]+)", ci) for word in line.split()}
    assert set(found[1].split()) <= run
    assert "REQUIRE_BROWSER=1 make test" in ci


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_requirements_carry_hashes_and_name_no_package_index(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    pins = re.findall(r"^[a-z0-9][\w.-]*==.+$", text, re.MULTILINE)
    assert pins
    assert all(pin.endswith("\\") for pin in pins)
    assert "--hash=sha256:" in text
    assert "://" not in text
    assert "--index-url" not in text


def test_requirements_are_those_of_the_lock() -> None:
    lock = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))
    locked = {(package["name"], package["version"]) for package in lock["package"]}
    pins = set()
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = (ROOT / name).read_text(encoding="utf-8")
        pins |= set(re.findall(r"^([a-z0-9][\w.-]*)==([^\s;]+)", text, re.MULTILINE))
    assert pins <= locked
    assert {name for name, _ in locked} - {name for name, _ in pins} == {"mpp-portal"}
