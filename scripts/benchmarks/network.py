"""What leaves the machine while copies are kept and found: nothing.

In a network namespace with loopback and one way out that leads nowhere, whose packets are
counted, a thousand copies are replayed and a hundred questions are asked, with a real Weaviate on
loopback. Each connection on loopback is counted by the port that it goes to. Needs root, for the
namespace.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from scripts.benchmarks.rows import Row
from scripts.sample_model import drawings
from tests.managed import managed
from weavclip import settings, wiring
from weavclip.domain.clip import Stage
from weavclip.pipeline import observe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from weavclip.index.server.managed import ManagedServer
    from weavclip.settings import Settings

COPIES, PICTURE_EVERY, SEARCHES = 1_000, 20, 100
WITHIN_S = 400.0
WEAVCLIP = (sys.executable, "-m", "weavclip")
WAY_OUT = (
    ("ip", "link", "set", "lo", "up"),
    # IPv6 off on both ends: else the kernel itself says hello.
    ("sysctl", "-qw", "net.ipv6.conf.default.disable_ipv6=1"),
    ("ip", "link", "add", "out", "type", "veth", "peer", "name", "away"),
    ("ip", "link", "set", "away", "up"),
    ("ip", "addr", "add", "192.0.2.1/24", "dev", "out"),
    ("ip", "link", "set", "out", "up"),
    ("ip", "route", "add", "default", "via", "192.0.2.254"),
    ("ip", "neigh", "add", "192.0.2.254", "lladdr", "02:00:00:00:00:01", "dev", "out"),
)
ANY_PROTOCOL, OUTGOING = 0x0003, 4
HEAD_BYTES, ETHERNET_BYTES, SYN, SYN_ACK = 128, 14, 0x02, 0x12
TCP, UDP = 6, 17


def rows() -> Iterator[Row]:
    """One run; about two minutes.

    Raises:
        PermissionError: If it is not run by root.
    """
    if os.geteuid() != 0:
        message = "a network namespace needs root: sudo scripts/bench network"
        raise PermissionError(message)
    done = subprocess.run(
        ["unshare", "--net", sys.executable, "-m", "scripts.benchmarks.network"],
        stdout=subprocess.PIPE,
        timeout=WITHIN_S,
        check=True,
        text=True,
    )
    for line in done.stdout.splitlines():
        yield Row(**json.loads(line))


def main() -> None:
    """Inside the namespace: a JSON object a row."""
    for command in WAY_OUT:
        subprocess.run(command, check=True)
    for row in _inside():
        print(json.dumps(dataclasses.asdict(row)), flush=True)


def _inside() -> Iterator[Row]:
    left, on_loopback = Traffic("out"), Traffic("lo")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.sendto(b"seen?", ("198.51.100.1", 9))
    yield Row(stage="a datagram of the benchmark's own", n=1, median=left.settled(), unit="seen")
    with tempfile.TemporaryDirectory() as name, managed(Path(name) / "data") as own:
        own.server.up(confirm=lambda _: False)
        used = _settings(Path(name), own.server)
        kept, found = _lived_through(used, Path(name))
        ports = _listening(own.server)
    asked = on_loopback.asked
    elsewhere = {port: count for port, count in asked.items() if port not in ports}
    yield Row(stage="copies kept", n=COPIES, median=kept, unit="clips", note=str(COPIES))
    yield Row(stage="questions answered", n=SEARCHES, median=found, unit="", note=str(SEARCHES))
    to_weaviate = sum(count for port, count in asked.items() if port in ports)
    yield Row(stage="to Weaviate", n=len(ports), median=to_weaviate, unit="connections")
    yield Row(
        stage="to other ports of loopback",
        n=len(elsewhere),
        median=sum(elsewhere.values()),
        unit="connections",
        note=f"0 {sorted(elsewhere) or ''}".strip(),
    )
    yield Row(stage="out of the machine", n=1, median=left.settled() - 1, unit="packets", note="0")


class Traffic:
    """What is sent through one interface, counted from now on by a thread."""

    def __init__(self, interface: str) -> None:
        """Listen to the interface; needs CAP_NET_RAW."""
        self.sent = 0
        self.asked: Counter[int] = Counter()
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ANY_PROTOCOL))
        self._socket.bind((interface, 0))
        threading.Thread(target=self._count, daemon=True).start()

    def settled(self) -> int:
        """How many packets were sent, a moment after the last one."""
        before = -1
        while before != self.sent:
            before = self.sent
            time.sleep(0.5)
        return before

    def _count(self) -> None:
        while True:
            packet, address = self._socket.recvfrom(HEAD_BYTES)
            if address[2] == OUTGOING:
                self.sent += 1
                port = _asked_port(packet[ETHERNET_BYTES:])
                if port is not None:
                    self.asked[port] += 1


def _asked_port(packet: bytes) -> int | None:
    """Where a datagram or the first packet of a connection goes to; None for others.

    References:
        RFC 791, 8200 (headers), 9293 (TCP's flags).
    """
    if packet[0] >> 4 == 4:  # noqa: PLR2004 - IP version
        protocol, body = packet[9], packet[(packet[0] & 15) * 4 :]
    else:
        protocol, body = packet[6], packet[40:]
    opens = protocol == TCP and body[13] & SYN_ACK == SYN
    return int.from_bytes(body[2:4], "big") if opens or protocol == UDP else None


def _lived_through(used: Settings, folder: Path) -> tuple[int, int]:
    """Replay, wait for the index, ask; how many copies were kept and questions answered."""
    replayed = _copies(folder)
    subprocess.run(
        [*WEAVCLIP, "watch"],
        env={**os.environ, "WEAVCLIP_SOURCE": "replay", "WEAVCLIP_REPLAY": str(replayed)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=WITHIN_S,
        check=True,
    )
    starter = wiring.engine(used)
    starter.wake()
    try:
        kept = _indexed(used)
        answered = sum(_answers(number) for number in range(SEARCHES))
    finally:
        starter.stop()
    return kept, answered


def _copies(folder: Path) -> Path:
    lines = []
    for number in range(COPIES):
        if number % PICTURE_EVERY:
            lines.append({"text": f"note {number} of https://example.com/{number}"})
            continue
        name = f"{number}.png"
        (folder / name).write_bytes(
            drawings.png(drawings.named("a red circle on white"), seed=number, side_px=96)
        )
        lines.append({"file": name})
    path = folder / "copies.jsonl"
    path.write_text("".join(json.dumps(each) + "\n" for each in lines))
    return path


def _indexed(used: Settings) -> int:
    """How many clips are in Weaviate, once they are all there."""
    end, done = time.monotonic() + WITHIN_S / 2, 0
    while done < COPIES and time.monotonic() < end:
        time.sleep(0.5)
        state = observe.engine_state(used.runtime_dir)
        with wiring.open_journal(used) as journal:
            done = journal.stage_counts(used.model).get(Stage.INDEXED, 0)
        if state and not state.index.startswith("Weaviate"):
            done = 0
    return done


def _answers(number: int) -> bool:
    done = subprocess.run(
        [*WEAVCLIP, "search", f"note {number * 7 + 1}", "--json"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=WITHIN_S / 4,
        check=True,
    )
    return bool(json.loads(done.stdout))


def _listening(server: ManagedServer) -> frozenset[int]:
    process = psutil.Process(server.status().pid)
    with contextlib.suppress(psutil.Error):
        found = process.net_connections(kind="inet")
        return frozenset(each.laddr.port for each in found if not each.raddr)
    return frozenset()


def _settings(folder: Path, server: ManagedServer) -> Settings:
    endpoint = server.endpoint()
    assert endpoint is not None
    given = {
        "data_dir": str(folder / "own"),
        "model": "sample",
        "weaviate_url": endpoint.url,
        "weaviate_grpc_url": endpoint.grpc_url,
        "weaviate_api_key": endpoint.api_key,
    }
    os.environ.update(
        {f"WEAVCLIP_{name.upper()}": value for name, value in given.items()}
        | {"WEAVCLIP_CONFIG": str(folder / "config.toml"), "HOME": str(folder)}
    )
    os.environ.pop("XDG_RUNTIME_DIR", None)
    return settings.load(given, config_file=folder / "config.toml").settings


if __name__ == "__main__":
    main()
