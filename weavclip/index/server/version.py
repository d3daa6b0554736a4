"""The one place that says which Weaviate weavclip runs."""

from __future__ import annotations

WEAVIATE_VERSION = "1.39.0"
IMAGE = f"cr.weaviate.io/semitechnologies/weaviate:{WEAVIATE_VERSION}"

# gzip of the Linux binary of this version; the image adds a few megabytes of Alpine to it.
APPROXIMATE_DOWNLOAD_BYTES = 105_000_000
