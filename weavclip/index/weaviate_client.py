"""The vendor's client, made quiet, bounded and private."""

from __future__ import annotations

import json
import logging
import re
import warnings
from typing import TYPE_CHECKING, Any

from weavclip.domain.errors import IndexVersionError
from weavclip.index.rest import WRITE_PATIENCE

if TYPE_CHECKING:
    from weaviate import WeaviateClient

    from weavclip.index.server.endpoint import Endpoint

OLDEST_SERVER = (1, 35)
"""The first with 8-bit rotational quantisation on flat indexes; aliases came with 1.32."""

# The client sleeps 63 s over "unavailable"; a call that waits ends at its deadline instead.
_WAIT_FOR_READY = json.dumps({"methodConfig": [{"name": [{}], "waitForReady": True}]})
_CHANNEL = (
    ("grpc.service_config", _WAIT_FOR_READY),
    # A server that comes back is seen within a second, not after gRPC's two minutes.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1000),
    ("grpc.enable_http_proxy", 0),
)


def connect(endpoint: Endpoint, *, timeout_s: float) -> WeaviateClient:
    """Open a client. Its own checks are left out: one of them asks a server on the internet.

    Args:
        endpoint: Where the server is.
        timeout_s: Longest wait for an answer, in seconds; a batch may take six times that.
    """
    with warnings.catch_warnings():
        # Authlib's and protobuf's deprecations are the client's business, not the person's.
        warnings.simplefilter("ignore")
        import weaviate
        from weaviate.classes.init import AdditionalConfig, Auth, Timeout
        from weaviate.config import GrpcConfig

    # It logs refused objects whole, and they are clips.
    logging.getLogger("weaviate-client").setLevel(logging.CRITICAL + 1)
    timeout = Timeout(init=timeout_s, query=timeout_s, insert=WRITE_PATIENCE * timeout_s)
    return weaviate.connect_to_custom(
        http_host=endpoint.http_host,
        http_port=endpoint.http_port,
        http_secure=endpoint.http_secure,
        grpc_host=endpoint.grpc_host,
        grpc_port=endpoint.grpc_port,
        grpc_secure=endpoint.grpc_secure,
        auth_credentials=Auth.api_key(endpoint.api_key) if endpoint.api_key else None,
        additional_config=AdditionalConfig(
            timeout=timeout, grpc_config=GrpcConfig(channel_options=list(_CHANNEL))
        ),
        skip_init_checks=True,
    )


def supported_version(meta: Any, *, url: str) -> str:  # noqa: ANN401 - JSON
    """The server's version, if it is one that weavclip supports.

    Args:
        meta: What ``GET /v1/meta`` answered.
        url: Of the server, for the message.

    Raises:
        IndexVersionError: If it is older, or is none that can be read.

    >>> supported_version({"version": "1.40.0-dev"}, url="http://127.0.0.1:8080")
    '1.40.0-dev'
    """
    version = str(meta.get("version", "")) if isinstance(meta, dict) else ""
    numbers = re.match(r"(\d+)\.(\d+)", version)
    if numbers and (int(numbers[1]), int(numbers[2])) >= OLDEST_SERVER:
        return version
    oldest = ".".join(map(str, OLDEST_SERVER))
    message = f"Weaviate at {url} is {version or 'of no known version'}, oldest is {oldest}"
    raise IndexVersionError(message, hint="update the server, or run: weavclip server up")
