"""What runs hirewatch elsewhere: what the image, compose.yaml and the unit of systemd say is so."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from hirewatch.settings import PREFIX, Settings
from tests.daemons import free_port
from tests.repository import ROOT, packages
from tests.test_documents import commands

DOCKERFILE = (ROOT / "Dockerfile").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())


def unit() -> list[tuple[str, str]]:
    """The settings of the unit in their order; a name may stand more than once."""
    lines = (ROOT / "docs/hirewatch.service").read_text().splitlines()
    return [(name, value) for name, sign, value in (line.partition("=") for line in lines) if sign and "#" not in name]


def settings_named() -> set[str]:
    """Every environment variable that is set for hirewatch."""
    places = [DOCKERFILE, (ROOT / "compose.yaml").read_text(), (ROOT / "docs/hirewatch.service").read_text()]
    return set(re.findall(rf"\b({PREFIX}\w+)\s*[=:]", "\n".join(places)))


def test_every_setting_that_is_named_exists() -> None:
    known = set()
    for name, field in Settings.model_fields.items():
        inner = getattr(field.annotation, "model_fields", None)
        known |= {f"{PREFIX}{name}__{key}".upper() for key in inner} if inner else {f"{PREFIX}{name}".upper()}
    assert settings_named()
    assert settings_named() <= known


def test_the_image_is_built_from_all_packages() -> None:
    kept = {line.removeprefix("!") for line in (ROOT / ".dockerignore").read_text().splitlines() if line[:1] == "!"}
    assert {*packages(), "requirements", "pyproject.toml"} <= kept
    assert all((ROOT / name).exists() for name in kept)
    for copied in re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.M):
        assert all((ROOT / name).exists() for name in copied.split())


def test_nothing_runs_as_root_in_a_container() -> None:
    assert re.findall(r"^USER (.+)$", DOCKERFILE, re.M) == ["1000:1000"]
    for name in ("serve", "worker"):
        service = COMPOSE["services"][name]
        assert service["cap_drop"] == ["ALL"]
        assert service["read_only"] is True


def test_what_starts_is_a_command() -> None:
    start = dict(unit())["ExecStart"]
    image = json.loads(re.findall(r"^CMD (\[.+\])$", DOCKERFILE, re.M)[-1])
    worker = COMPOSE["services"]["worker"]["command"]
    assert {shlex.split(start)[1], image[0], worker[0]} <= commands()


def test_a_port_of_a_container_is_open_to_this_machine_only() -> None:
    assert COMPOSE["services"]["serve"]["ports"] == ["127.0.0.1:8777:8777"]
    assert "ports" not in COMPOSE["services"]["postgres"]


def test_the_health_check_of_the_image_knows_a_service_that_works_from_one_that_does_not(tmp_path: Path) -> None:
    asked = json.loads(re.findall(r"HEALTHCHECK .+\\\n    CMD (\[.+\])$", DOCKERFILE, re.M)[0])
    env = {**os.environ, "HIREWATCH_HOME": str(tmp_path), "HIREWATCH_SERVE__PORT": str(free_port())}

    def healthy() -> bool:
        words = [sys.executable, *asked[1:]]
        return subprocess.run(words, env=env, check=False, stderr=subprocess.DEVNULL).returncode == 0

    assert not healthy()
    with subprocess.Popen(
        [sys.executable, "-m", "hirewatch", "serve"], env=env, stderr=subprocess.PIPE, text=True
    ) as service:
        try:
            assert service.stderr
            # it says its address once it answers
            assert any("http://127.0.0.1:" in line for line in service.stderr)
            assert healthy()
        finally:
            service.terminate()
            service.communicate()
    assert not healthy()


@pytest.mark.parametrize("name", ["ProtectSystem", "NoNewPrivileges", "PrivateTmp", "MemoryDenyWriteExecute"])
def test_the_unit_is_hardened(name: str) -> None:
    assert dict(unit())[name] in {"strict", "true"}


def test_a_wrong_setting_is_not_tried_again() -> None:
    from hirewatch.cli.failures import CONFIGURATION, USAGE

    assert dict(unit())["RestartPreventExitStatus"].split() == [str(USAGE), str(CONFIGURATION)]
