"""docker-compose.yml has the table's settings, its version, and publishes loopback only."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # it ships none; with huggingface-hub

from tests.waiting import WITHIN_S
from weavclip.index.server import table, version
from weavclip.index.server.compose import SERVICE, compose_file

CLUSTER = ("weaviate-1", "weaviate-2", "weaviate-3")
SERVICES = (SERVICE, *CLUSTER)
BY_VARIABLE = {
    "AUTHENTICATION_APIKEY_ALLOWED_KEYS": "WEAVCLIP_WEAVIATE_API_KEY",
    "CLUSTER_BASIC_AUTH_PASSWORD": "WEAVIATE_CLUSTER_PASSWORD",
}
VARIABLE = re.compile(r"\$\{(\w+)(:[-?])?([^}]*)\}")
IMAGE_PORTS = table.Ports(http=8080, grpc=50051, gossip=7946, peers=7947, raft=8300, raft_rpc=8301)


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    parsed = yaml.safe_load(compose_file().read_text(encoding="utf-8"))
    return dict(parsed["services"])


def _in_program(**changed: str) -> dict[str, str]:
    """What the program would get with the image's ports, as compose should have it."""
    from pathlib import Path

    settings = table.environment(
        ports=IMAGE_PORTS,
        secrets=table.Secrets(api_key="", cluster_password=""),
        console_origin="",
        data_path=Path("/var/lib/weaviate"),
    )
    return {**settings, **changed}


def _plain(settings: dict[str, str]) -> dict[str, str]:
    """With ${NAME:-default} replaced by its default."""
    return {
        name: VARIABLE.sub(lambda found: found[3] if found[2] == ":-" else "", value)
        for name, value in settings.items()
    }


def test_the_single_server_gets_every_setting_that_the_program_gets(
    services: dict[str, Any],
) -> None:
    assert _plain(services[SERVICE]["environment"]) == _in_program()


@pytest.mark.parametrize("name", CLUSTER)
def test_a_node_differs_only_in_what_makes_it_a_node(services: dict[str, Any], name: str) -> None:
    found = _plain(services[name]["environment"])

    different = set(found.items()) ^ set(_in_program().items())

    assert {setting for setting, _ in different} == {
        "CLUSTER_HOSTNAME",
        "CLUSTER_ADVERTISE_ADDR",
        "CLUSTER_BIND_ADDR",
        "CLUSTER_ADVERTISE_PORT",
        "RAFT_BOOTSTRAP_EXPECT",
        "RAFT_TIMEOUTS_MULTIPLIER",
        "RAFT_JOIN",
        "REPLICATION_MINIMUM_FACTOR",
        *(["CLUSTER_JOIN"] if name != CLUSTER[0] else []),
    }


def test_the_nodes_know_each_other(services: dict[str, Any]) -> None:
    environments = [services[name]["environment"] for name in CLUSTER]

    assert {each["RAFT_JOIN"] for each in environments} == {",".join(CLUSTER)}
    assert {each["RAFT_BOOTSTRAP_EXPECT"] for each in environments} == {"3"}
    assert [each["CLUSTER_HOSTNAME"] for each in environments] == list(CLUSTER)


@pytest.mark.parametrize("name", SERVICES)
def test_key_and_password_come_from_outside_and_must_be_given(
    services: dict[str, Any], name: str
) -> None:
    for setting, variable in BY_VARIABLE.items():
        found = VARIABLE.fullmatch(services[name]["environment"][setting])
        assert found is not None
        assert found[1] == variable
        assert found[2] == ":?"


@pytest.mark.parametrize("name", SERVICES)
def test_the_image_is_the_pinned_one(services: dict[str, Any], name: str) -> None:
    assert services[name]["image"] == version.IMAGE
    assert version.IMAGE.endswith(f":{version.WEAVIATE_VERSION}")


@pytest.mark.parametrize("name", SERVICES)
def test_ports_are_published_on_loopback_only(services: dict[str, Any], name: str) -> None:
    published = [str(port).split(":") for port in services[name]["ports"]]

    assert all(port[0] == table.LOOPBACK for port in published)
    assert {port[-1] for port in published} == {"8080", "50051"}


@pytest.mark.parametrize("name", SERVICES)
def test_it_comes_back_has_limits_and_says_how_it_is(services: dict[str, Any], name: str) -> None:
    service = services[name]

    assert service["restart"] == "unless-stopped"
    assert service["mem_limit"] == "4g"
    assert service["healthcheck"]["test"][-1].endswith("/v1/.well-known/ready")
    assert len(service["volumes"]) == 1
    assert service.get("profiles", []) == ([] if name == SERVICE else ["cluster"])


def _compose_command() -> list[str]:
    for command in (["docker", "compose"], ["docker-compose"]):
        if (
            shutil.which(command[0])
            and not subprocess.run(
                [*command, "version"], capture_output=True, check=False, timeout=WITHIN_S
            ).returncode
        ):
            return command
    pytest.skip("no Docker Compose to read docker-compose.yml")


def test_docker_compose_itself_takes_the_file_and_asks_for_the_key() -> None:
    command = [*_compose_command(), "-f", str(compose_file()), "config"]
    given = {"PATH": "/usr/local/bin:/usr/bin:/bin", "WEAVIATE_CLUSTER_PASSWORD": "p"}

    without = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=WITHIN_S, env=given
    )
    with_key = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        timeout=WITHIN_S,
        env={**given, "WEAVCLIP_WEAVIATE_API_KEY": "of-the-test"},
    )

    assert without.returncode != 0
    assert with_key.returncode == 0, with_key.stderr
    settings = yaml.safe_load(with_key.stdout)["services"][SERVICE]["environment"]
    assert settings["AUTHENTICATION_APIKEY_ALLOWED_KEYS"] == "of-the-test"
