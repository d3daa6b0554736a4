"""The vendor's client, made quiet, bounded and private."""

from __future__ import annotations

import json
import logging
import warnings
from typing import TYPE_CHECKING

from weavclip.index.rest import WRITE_PATIENCE

if TYPE_CHECKING:
    from weaviate import WeaviateClient

    from weavclip.index.server.endpoint import Endpoint

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
