"""What runs: the agent and its clipboard, the service, the engine."""

from __future__ import annotations

from contextlib import suppress
from importlib.util import find_spec
from typing import TYPE_CHECKING

from weavclip.domain.errors import NoClipboardError
from weavclip.pipeline.doctor.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

    from weavclip.domain.service import ServiceState
    from weavclip.pipeline.status import AgentState, EngineState

INSTALL = "weavclip service install"


def clipboard(agent: AgentState | None, *, chosen: Callable[[], tuple[str, str]]) -> Verdict:
    """By what copies come, or would come, and whether they are kept.

    Args:
        agent: What the running agent says; None when none runs.
        chosen: The source that fits this session, and why; raises NoClipboardError.
    """
    if agent is not None and agent.problem:
        return Verdict("clipboard", False, agent.problem, agent.hint or "weavclip status")
    if agent is not None:
        why = _reason(agent.source, chosen)
        return Verdict("clipboard", True, f"watched by {agent.source}, process {agent.pid}{why}")
    name, reason = chosen()
    return Verdict("clipboard", None, f"nothing watches it; {name} would: {reason}", INSTALL)


def _reason(source: str, chosen: Callable[[], tuple[str, str]]) -> str:
    """Why it is this one, where this command's session would take the same."""
    with suppress(NoClipboardError):
        name, reason = chosen()
        return f": {reason}" if name == source else ""
    return ""


def service(state: ServiceState, *, agent_pid: int) -> Verdict:
    """Whether the agent comes back by itself.

    Args:
        state: What the system says of the service.
        agent_pid: The process that watches now; 0 for none.
    """
    if not state.installed:
        sentence = "not installed: nothing watches after the next login"
        return Verdict("service", None, sentence, INSTALL)
    if not state.enabled:
        sentence = f"{state.manager} has it, but does not start it at login"
        return Verdict("service", False, sentence, INSTALL)
    if not state.running:
        sentence = f"{state.manager} does not run it: {state.sentence}"
        return Verdict("service", False, sentence, "weavclip service logs")
    if agent_pid and state.pid and agent_pid != state.pid:
        sentence = f"process {agent_pid} watches instead of the service's {state.pid}"
        return Verdict("service", False, sentence, f"kill {agent_pid}")
    hangs = "" if state.watched else "; nothing ends an agent that hangs"
    times = "once" if state.restarts == 1 else f"{state.restarts} times"
    again = f", started again {times}" if state.restarts else ""
    return Verdict("service", True, f"{state.manager} runs it{again}{hangs}")


def engine(state: EngineState | None, *, model: str) -> Verdict:
    """What runs the model.

    Args:
        state: What the running engine says; None when none runs.
        model: The one in use; empty for none.
    """
    if model and find_spec("onnxruntime") is None:
        sentence = "ONNX Runtime is missing: the model cannot run"
        return Verdict("engine", False, sentence, "pip install 'weavclip[cpu]'")
    if state is None:
        return Verdict("engine", None, "not running; it starts when there is work")
    doing = f", {state.doing}" if state.doing else ""
    model_runs_on = f" on {state.provider or 'no model yet'}" if model else " without a model"
    return Verdict("engine", True, f"runs{model_runs_on}{doing}")


def provider(runs_on: str, *, wanted: str) -> Verdict:
    """What really runs the model, which need not be what was asked for.

    Args:
        runs_on: As the loaded model says, such as ``CPU``.
        wanted: The setting ``provider``.
    """
    if wanted == "cuda" and "cuda" not in runs_on.lower():
        sentence = f"CUDA was asked for, the model runs on {runs_on}"
        return Verdict(
            "provider", False, sentence, "pip install 'weavclip[gpu]', with CUDA's own libraries"
        )
    return Verdict("provider", True, f"the model runs on {runs_on}")
