from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.pipeline.fakes import (
    DictIndex,
    FirstByteDecoder,
    IndexSearcher,
    SumEmbedder,
    text_offer,
)
from tests.waiting import WITHIN_S, until
from weavclip.domain.clip import Stage
from weavclip.domain.errors import EngineError, IndexUnavailableError, SettingsError
from weavclip.domain.models import ModelSet
from weavclip.domain.query import Query
from weavclip.pipeline import keeper as keeping
from weavclip.pipeline import rpc
from weavclip.pipeline.embedding import Models
from weavclip.pipeline.engine import Engine
from weavclip.pipeline.filling import Filler
from weavclip.pipeline.keeper import IndexKeeper
from weavclip.pipeline.lines import Line, Lines
from weavclip.pipeline.status import ACTIVE_MODEL
from weavclip.pipeline.work import Step, Work

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from weavclip.domain.ports import StopSignal
    from weavclip.journal.store import SqliteJournal
    from weavclip.pipeline.ingest import Ingest


class Server:
    """A Weaviate that may be down."""

    def __init__(self, *, up: bool = True) -> None:
        self.index = DictIndex("Weaviate 0.0", home="there")
        self.up = up
        self.wanted = True

    def connect(self) -> DictIndex:
        if not self.up:
            message = "no Weaviate at there"
            raise IndexUnavailableError(message)
        return self.index


class Mending:
    """Has a wrong address at first."""

    def __init__(self, index: DictIndex) -> None:
        self._index = index
        self._tried = False

    def connect(self) -> DictIndex:
        if not self._tried:
            self._tried = True
            message = "weaviate_url begins with 'no scheme'"
            raise SettingsError(message)
        return self._index


@pytest.fixture(autouse=True)
def quick_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "FIRST_PAUSE_S", 0.01)
    monkeypatch.setattr(keeping, "LONGEST_PAUSE_S", 0.02)


def line(journal: SqliteJournal, server: Server | None, *, model_id: str = "sum") -> Line:
    ids = ModelSet.parse(model_id)
    models = Models(SumEmbedder(ids.clip), SumEmbedder(ids.text) if ids.text else None)
    found = server or Server(up=False)
    keeper = IndexKeeper(
        journal,
        model_id,
        exact=DictIndex("exact", home="journal"),
        is_wanted=lambda: server is not None and server.wanted,
        connect=found.connect,
    )
    filler = Filler(journal, models, FirstByteDecoder(), keeper, centre=lambda raw: raw)
    return Line(models=models, keeper=keeper, filler=filler, searcher=IndexSearcher)  # type: ignore[arg-type]  # the engine hands DictIndex only


def engine_of(
    journal: SqliteJournal,
    runtime_dir: Path,
    *,
    answering: Line,
    successor: Line | None = None,
    idle_s: float = 60,
) -> Engine:
    lines = Lines(journal, answering=answering, successor=successor)
    return Engine(journal, [lines], runtime_dir=runtime_dir, idle_s=idle_s)


@contextmanager
def running(engine: Engine) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=engine.run, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(WITHIN_S)
        assert not thread.is_alive()


def ask(runtime_dir: Path, name: str, argument: object = None) -> Any:  # noqa: ANN401 - as rpc.call
    def try_() -> object:
        try:
            return (rpc.call(runtime_dir, name, argument, timeout_s=WITHIN_S),)
        except ConnectionError:
            return None

    return until(try_)[0]  # type: ignore[index]


def test_a_clip_is_found_in_the_index_that_was_filled(
    journal: SqliteJournal, ingest: Ingest, runtime_dir: Path
) -> None:
    server = Server()
    ingest.take(text_offer("two peaks"))
    engine = engine_of(journal, runtime_dir, answering=line(journal, server))

    with running(engine):
        until(lambda: journal.stage_counts("sum").get(Stage.INDEXED) == 1)
        until(lambda: ask(runtime_dir, "state").index == "Weaviate 0.0")
        answer = ask(runtime_dir, "search", Query(words="peaks"))

    assert answer.index == "Weaviate 0.0"
    assert answer.notes == ()
    assert len(server.index.entries) == 1


def test_a_server_that_is_down_is_said_and_filled_when_it_is_back(
    journal: SqliteJournal, ingest: Ingest, runtime_dir: Path
) -> None:
    server = Server(up=False)
    ingest.take(text_offer("two peaks"))
    engine = engine_of(journal, runtime_dir, answering=line(journal, server))

    with running(engine):
        until(lambda: ask(runtime_dir, "state").index_problem == "no Weaviate at there")
        before = ask(runtime_dir, "search", Query(words="peaks"))
        server.up = True
        until(lambda: ask(runtime_dir, "state").index == "Weaviate 0.0")

    assert before.index == "exact"
    assert before.notes == ("searched the journal exactly: no Weaviate at there",)
    assert len(server.index.entries) == 1


def test_a_server_that_goes_away_in_a_search_is_replaced_by_the_journal(
    journal: SqliteJournal, ingest: Ingest, runtime_dir: Path
) -> None:
    server = Server()
    ingest.take(text_offer("two peaks"))
    engine = engine_of(journal, runtime_dir, answering=line(journal, server))

    with running(engine):
        until(lambda: ask(runtime_dir, "state").index == "Weaviate 0.0")
        server.index.away, server.up = True, False
        answer = ask(runtime_dir, "search", Query(words="peaks"))

    assert answer.index == "exact"
    assert len(answer.notes) == 1


def test_a_server_that_was_stopped_by_choice_has_everything_and_nothing_forgotten_when_it_is_back(
    journal: SqliteJournal, ingest: Ingest, runtime_dir: Path
) -> None:
    server = Server()
    gone = [ingest.take(text_offer(text)).clip_id for text in ("one", "two", "three")]
    engine = engine_of(journal, runtime_dir, answering=line(journal, server))

    with running(engine):
        until(lambda: ask(runtime_dir, "state").index == "Weaviate 0.0")
        server.wanted = False
        until(lambda: ask(runtime_dir, "state").index == "exact")
        journal.forget([each for each in gone if each])
        kept = ingest.take(text_offer("four")).clip_id
        ask(runtime_dir, "wake")
        until(lambda: journal.stage_counts("sum").get(Stage.INDEXED) == 1)
        told = ask(runtime_dir, "state").index_problem
        server.wanted = True
        until(lambda: ask(runtime_dir, "state").index == "Weaviate 0.0")

    assert told == ""
    assert set(server.index.entries) == {kept}


def test_an_address_that_is_none_is_said_and_tried_again(
    journal: SqliteJournal, runtime_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = Server()
    monkeypatch.setattr(server, "connect", Mending(server.index).connect)
    engine = engine_of(journal, runtime_dir, answering=line(journal, server))

    with running(engine):
        until(lambda: ask(runtime_dir, "state").index == "Weaviate 0.0")


def test_an_emptied_server_is_filled_again(
    journal: SqliteJournal, ingest: Ingest, runtime_dir: Path
) -> None:
    ingest.take(text_offer("two peaks"))
    first, second = Server(), Server()
    for server in (first, second):
        engine = engine_of(journal, runtime_dir, answering=line(journal, server))
        with running(engine):
            until(lambda: ask(runtime_dir, "state").index == "Weaviate 0.0")

    assert len(second.index.entries) == 1


def test_a_server_whose_clips_were_all_forgotten_meanwhile_begins_anew(
    journal: SqliteJournal, ingest: Ingest, runtime_dir: Path
) -> None:
    server = Server()
    journal.set_meta(keeping.FILLED_BY.format("sum"), keeping.NOTHING)
    ingest.take(text_offer("two peaks"))
    engine = engine_of(journal, runtime_dir, answering=line(journal, server))

    with running(engine):
        until(lambda: ask(runtime_dir, "state").index == "Weaviate 0.0")

    assert (server.index.begun_anew, server.index.completed) == (1, 1)
    assert journal.meta(keeping.FILLED_BY.format("sum")) == "there"


def test_a_server_without_the_model_in_use_is_not_wanted(
    journal: SqliteJournal, ingest: Ingest, runtime_dir: Path
) -> None:
    ingest.take(text_offer("two peaks"))
    engine = engine_of(journal, runtime_dir, answering=line(journal, None))

    with running(engine):
        until(lambda: journal.stage_counts("sum").get(Stage.INDEXED) == 1)
        answer = ask(runtime_dir, "search", Query(words="peaks"))

    assert (answer.index, answer.notes) == ("exact", ())


def test_the_old_model_answers_until_the_new_one_is_complete(
    journal: SqliteJournal, ingest: Ingest, runtime_dir: Path
) -> None:
    ingest.take(text_offer("two peaks"))
    old = line(journal, None, model_id="old")
    new_server = Server(up=False)
    new = line(journal, new_server, model_id="new")
    engine = engine_of(journal, runtime_dir, answering=old, successor=new)

    with running(engine):
        until(lambda: journal.stage_counts("new").get(Stage.EMBEDDED) == 1)
        while_filling = ask(runtime_dir, "search", Query(words="peaks")).index
        new_server.up = True
        until(lambda: ask(runtime_dir, "search", Query(words="peaks")).index == "Weaviate 0.0")

    assert while_filling == "exact"
    assert journal.meta(ACTIVE_MODEL) == "new"


def test_an_idle_engine_leaves_and_gives_its_model_back(
    journal: SqliteJournal, runtime_dir: Path
) -> None:
    idle = line(journal, None)
    engine = engine_of(journal, runtime_dir, answering=idle, idle_s=0.05)

    engine.run(threading.Event())

    assert isinstance(idle.models.clip, SumEmbedder)
    assert idle.models.clip.closed
    assert not (runtime_dir / rpc.SOCKET_NAME).exists()


def test_an_engine_leaves_when_it_is_asked_to(journal: SqliteJournal, runtime_dir: Path) -> None:
    engine = engine_of(journal, runtime_dir, answering=line(journal, None))
    thread = threading.Thread(target=engine.run, args=(threading.Event(),))
    thread.start()

    ask(runtime_dir, "stop")

    thread.join(WITHIN_S)
    assert not thread.is_alive()


def test_a_purge_writes_everything_into_a_fresh_store(
    journal: SqliteJournal, ingest: Ingest, runtime_dir: Path
) -> None:
    server = Server()
    ingest.take(text_offer("two peaks"))
    engine = engine_of(journal, runtime_dir, answering=line(journal, server))

    with running(engine):
        until(lambda: ask(runtime_dir, "state").index == "Weaviate 0.0")
        ask(runtime_dir, "refill")
        until(lambda: server.index.completed == 2)

    assert server.index.begun_anew == 1


def test_while_a_text_model_joins_new_clips_are_found_and_then_both_answer(
    journal: SqliteJournal, ingest: Ingest, runtime_dir: Path
) -> None:
    """It shares its vectors: what the line that answers makes of a clip is not made twice."""
    alone, both = line(journal, None), line(journal, None, model_id="sum+text")
    both = replace(both, models=Models(alone.models.clip, both.models.text))
    engine = engine_of(journal, runtime_dir, answering=alone, successor=both)
    for number in range(3):
        ingest.take(text_offer(f"clip {number}"))

    with running(engine):
        until(lambda: journal.meta(ACTIVE_MODEL) == "sum+text", what="the text model answers")

    assert journal.stage_counts("sum")[Stage.INDEXED] == 3
    assert journal.stage_counts("sum+text")[Stage.INDEXED] == 3
    assert isinstance(alone.models.clip, SumEmbedder)
    assert len(alone.models.clip.texts) == 3


@dataclass
class Portions(Work):
    """Has some portions to do, and notes each of them in a list that it shares."""

    name: str
    left: int
    done: list[str]
    ends: list[str] = field(default_factory=list)

    def steps(self, leaving: StopSignal) -> Iterator[tuple[str, Callable[[], Step]]]:
        del leaving
        yield self.name, self._step

    def _step(self) -> Step:
        if not self.left:
            return Step()
        self.left -= 1
        self.done.append(self.name)
        return Step(1)

    def leave(self) -> None:
        self.ends.append("cut short")

    def close(self) -> None:
        self.ends.append("closed")


def test_what_is_less_urgent_waits_until_nothing_else_is_to_do(
    journal: SqliteJournal, runtime_dir: Path
) -> None:
    done: list[str] = []
    works = [Portions("urgent", 2, done), Portions("less", 2, done)]

    Engine(journal, works, runtime_dir=runtime_dir, idle_s=0.05).run(threading.Event())

    assert done == ["urgent", "urgent", "less", "less"]
    assert [each.ends for each in works] == [["cut short", "closed"]] * 2


def test_what_takes_long_is_told_while_it_is_done(
    journal: SqliteJournal, runtime_dir: Path
) -> None:
    may_end = threading.Event()

    class Long(Work):
        def steps(self, leaving: StopSignal) -> Iterator[tuple[str, Callable[[], Step]]]:
            del leaving
            yield "reading", self._step

        def _step(self) -> Step:
            return Step() if may_end.is_set() else Step(int(may_end.wait(WITHIN_S)))

    with running(Engine(journal, [Long()], runtime_dir=runtime_dir, idle_s=60)):
        while_read = until(lambda: ask(runtime_dir, "state").doing)
        may_end.set()
        until(lambda: not ask(runtime_dir, "state").doing)

    assert while_read == "reading"


def test_an_engine_without_models_works_and_answers_no_question(
    journal: SqliteJournal, runtime_dir: Path
) -> None:
    done: list[str] = []
    engine = Engine(journal, [Portions("only", 1, done)], runtime_dir=runtime_dir, idle_s=60)

    with running(engine):
        until(lambda: done)
        state = ask(runtime_dir, "state")
        with pytest.raises(EngineError) as caught:
            ask(runtime_dir, "search", Query(words="peaks"))

    assert (state.provider, state.index) == ("", "")
    assert caught.value.hint == "weavclip engine --stop, then try again"
