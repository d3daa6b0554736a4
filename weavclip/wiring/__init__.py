"""The one place that names concrete classes: it makes the parts and hands them to one another."""

from weavclip.wiring.archive import export, history_of, take_in, take_over
from weavclip.wiring.background import (
    install_service,
    package_removal,
    service,
    service_is_installed,
)
from weavclip.wiring.backups import BackedUp, Restorable, back_up, backup_file, restoring
from weavclip.wiring.care import (
    add_model,
    calibrate,
    console,
    import_model,
    reindex,
    remove_model,
    setting_of,
    status,
    thumbnail,
    use_models,
)
from weavclip.wiring.current import TAKEN_AT_START
from weavclip.wiring.duplicates import duplicates
from weavclip.wiring.encoding import encoding
from weavclip.wiring.examining import doctor
from weavclip.wiring.forgetting import (
    Emptied,
    Forgotten,
    forget,
    forget_everything,
    is_to_scrub,
)
from weavclip.wiring.given import name_of, read_given
from weavclip.wiring.hiding import hidings, to_hide, unhide
from weavclip.wiring.indexes import weaviate_wanted
from weavclip.wiring.labels import correct_labels, label_uses, rebuild_labels
from weavclip.wiring.parts import (
    clipboard_offer,
    clipboard_source,
    clipboard_writer,
    engine,
    keep,
    make_inspector,
    models,
    open_ingest,
    open_journal,
    paster,
    pauses,
    server,
    wake_engine,
)
from weavclip.wiring.runs import open_search, run_engine
from weavclip.wiring.topics import topics
from weavclip.wiring.understanding import understood
from weavclip.wiring.uninstalling import belongings, purge, stop_everything
from weavclip.wiring.watching import capture_problem, run_agent
from weavclip.wiring.weighing import compare, rank

__all__ = [
    "TAKEN_AT_START",
    "BackedUp",
    "Emptied",
    "Forgotten",
    "Restorable",
    "add_model",
    "back_up",
    "backup_file",
    "belongings",
    "calibrate",
    "capture_problem",
    "clipboard_offer",
    "clipboard_source",
    "clipboard_writer",
    "compare",
    "console",
    "correct_labels",
    "doctor",
    "duplicates",
    "encoding",
    "engine",
    "export",
    "forget",
    "forget_everything",
    "hidings",
    "history_of",
    "import_model",
    "install_service",
    "is_to_scrub",
    "keep",
    "label_uses",
    "make_inspector",
    "models",
    "name_of",
    "open_ingest",
    "open_journal",
    "open_search",
    "package_removal",
    "paster",
    "pauses",
    "purge",
    "rank",
    "read_given",
    "rebuild_labels",
    "reindex",
    "remove_model",
    "restoring",
    "run_agent",
    "run_engine",
    "server",
    "service",
    "service_is_installed",
    "setting_of",
    "status",
    "stop_everything",
    "take_in",
    "take_over",
    "thumbnail",
    "to_hide",
    "topics",
    "understood",
    "unhide",
    "use_models",
    "wake_engine",
    "weaviate_wanted",
]
