"""The one table of settings that the managed server gets, as a process and by compose.

Each line was checked against the server's own reading of its environment
(``usecases/config/environment.go`` of 1.39.0); docs/weaviate.md says what each port shows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

USER = "weavclip"
CLUSTER_USER = "weavclip-node"
NODE = "weavclip"
LOOPBACK = "127.0.0.1"

SETTINGS: Mapping[str, str] = MappingProxyType(
    {
        # Who may ask: the holder of the one key. All else is refused, and nothing is anonymous.
        "AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED": "false",
        "AUTHENTICATION_APIKEY_ENABLED": "true",
        "AUTHENTICATION_APIKEY_USERS": USER,
        "AUTHORIZATION_ADMINLIST_ENABLED": "true",
        "AUTHORIZATION_ADMINLIST_USERS": USER,
        # An API key leaves the data port open: it hands out whole objects without this pair.
        "CLUSTER_BASIC_AUTH_USERNAME": CLUSTER_USER,
        # What would talk to the outside, or listen for it.
        "API_BASED_MODULES_DISABLED": "true",
        "DISABLE_TELEMETRY": "true",
        "GO_PROFILING_DISABLE": "true",
        "MCP_SERVER_ENABLED": "false",
        "PROMETHEUS_MONITORING_ENABLED": "false",
        "SENTRY_ENABLED": "false",
        # 1.39.0 asks 169.254.169.254 and a name server whether it runs in Google's cloud as it
        # starts, telemetry off or not (seen by scripts/bench network). Nobody is at this address.
        "GCE_METADATA_HOST": "127.0.0.1:9",
        # Vectors are ours, and so is the collection: a misspelt property is an error.
        "AUTOSCHEMA_ENABLED": "false",
        "DEFAULT_VECTORIZER_MODULE": "none",
        "QUERY_DEFAULTS_LIMIT": "20",
        # A desktop's disk is often 90 % full (the server's limit): weavclip keeps a reserve.
        "DISK_USE_WARNING_PERCENTAGE": "95",
        "DISK_USE_READONLY_PERCENTAGE": "98",
        # Soft: Go collects harder near it. 100,000 clips take a fifth.
        "GOMEMLIMIT": "3GiB",
        "LOG_LEVEL": "warning",
        "LOG_FORMAT": "json",
    }
)

ALONE: Mapping[str, str] = MappingProxyType(
    {
        "CLUSTER_HOSTNAME": NODE,
        # RAFT has no credentials at all, gossip none by default: both stay on loopback.
        "CLUSTER_ADVERTISE_ADDR": LOOPBACK,
        "CLUSTER_BIND_ADDR": LOOPBACK,
        "RAFT_BOOTSTRAP_EXPECT": "1",
        # A lone node elects itself: ready after 2.5 s instead of 8.1 with the default of 5.
        "RAFT_TIMEOUTS_MULTIPLIER": "1",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """What the server asks for.

    Attributes:
        api_key: For HTTP and gRPC.
        cluster_password: For the data port, on which nodes of a cluster speak.
    """

    api_key: str = field(repr=False)
    cluster_password: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Where the server listens.

    Attributes:
        http: REST, GraphQL and gRPC-web; loopback.
        grpc: Queries and batches; every interface, the key is asked for.
        gossip: Which nodes there are, TCP and UDP; loopback.
        peers: What nodes tell each other; every interface, the password is asked for.
        raft: The schema's log; loopback.
        raft_rpc: The schema's commands; loopback.
    """

    http: int
    grpc: int
    gossip: int
    peers: int
    raft: int
    raft_rpc: int

    @property
    def internal(self) -> tuple[int, int, int, int]:
        """The four that only the server itself uses."""
        return (self.gossip, self.peers, self.raft, self.raft_rpc)


def allowed_origin(*, console_origin: str, port: int) -> str:
    """The web origin whose pages may read answers.

    An empty value means every origin to the server, and ``null`` is what a page from a file or a
    sandboxed frame sends; its own address lets no other page in.
    """
    return console_origin or f"http://{LOOPBACK}:{port}"


def environment(
    *, ports: Ports, secrets: Secrets, console_origin: str, data_path: Path
) -> dict[str, str]:
    """Everything that the server's process gets to see, and nothing else."""
    return {
        **SETTINGS,
        **ALONE,
        "AUTHENTICATION_APIKEY_ALLOWED_KEYS": secrets.api_key,
        "CLUSTER_BASIC_AUTH_PASSWORD": secrets.cluster_password,
        "CORS_ALLOW_ORIGIN": allowed_origin(console_origin=console_origin, port=ports.http),
        "PERSISTENCE_DATA_PATH": str(data_path),
        "GRPC_PORT": str(ports.grpc),
        "CLUSTER_GOSSIP_BIND_PORT": str(ports.gossip),
        "CLUSTER_ADVERTISE_PORT": str(ports.gossip),
        "CLUSTER_DATA_BIND_PORT": str(ports.peers),
        "RAFT_PORT": str(ports.raft),
        "RAFT_INTERNAL_RPC_PORT": str(ports.raft_rpc),
    }
