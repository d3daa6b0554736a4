"""The one place that names concrete classes: it makes the parts and hands them to one another."""

from weavclip.wiring.care import (
    Forgotten,
    add_model,
    calibrate,
    console,
    doctor,
    forget,
    import_model,
    reindex,
    status,
    thumbnail,
    use_model,
)
from weavclip.wiring.indexes import weaviate_wanted
from weavclip.wiring.parts import (
    clipboard_offer,
    clipboard_source,
    clipboard_writer,
    engine,
    models,
    open_ingest,
    open_journal,
    server,
    wake_engine,
)
from weavclip.wiring.runs import open_search, run_agent, run_engine

__all__ = [
    "Forgotten",
    "add_model",
    "calibrate",
    "clipboard_offer",
    "clipboard_source",
    "clipboard_writer",
    "console",
    "doctor",
    "engine",
    "forget",
    "import_model",
    "models",
    "open_ingest",
    "open_journal",
    "open_search",
    "reindex",
    "run_agent",
    "run_engine",
    "server",
    "status",
    "thumbnail",
    "use_model",
    "wake_engine",
    "weaviate_wanted",
]
