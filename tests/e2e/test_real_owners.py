"""What people really copy from: xclip, wl-copy, GTK, Qt, Chromium and LibreOffice."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from tests.programs import places
from tests.programs.chromium import Chromium, chromium
from tests.programs.running import Program, program
from tests.waiting import WITHIN_S
from weavclip.domain.clip import Kind
from weavclip.pipeline.reading import read

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.programs.places import Place
    from weavclip.domain.clip import Draft, Offer

TEXT = "Weißer Käse 🧀"
MARKUP = "<p>Weißer <b>Käse</b></p>"
PLACES = (
    pytest.param("x11", marks=pytest.mark.x11),
    pytest.param("sway", marks=pytest.mark.wayland),
    pytest.param("kwin", marks=pytest.mark.wayland),
    pytest.param("mutter", marks=pytest.mark.mutter),
    pytest.param("xwayland", marks=pytest.mark.mutter),
)


@contextmanager
def opened(name: str, request: pytest.FixtureRequest) -> Iterator[Place]:
    with ExitStack() as stack:
        if name == "x11":
            yield places.on_x11(request.getfixturevalue("shared_display"))
        elif name in ("sway", "kwin"):
            desktop = request.getfixturevalue(f"shared_{name}")
            yield getattr(places, f"on_{name}")(desktop)
        else:
            desktop = request.getfixturevalue("shared_mutter")
            yield places.on_mutter(desktop, stack, natively=name == "mutter")


@pytest.fixture(scope="session", params=PLACES)
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    with opened(request.param, request) as found:
        yield found


@pytest.fixture(scope="session", params=PLACES[:2])
def browsed(request: pytest.FixtureRequest) -> Iterator[Place]:
    with opened(request.param, request) as found:
        yield found


@pytest.fixture(scope="session")
def screen(shared_display: str) -> Place:
    return places.on_x11(shared_display)


@pytest.fixture(scope="session", params=["gtk", "qt"])
def toolkit(request: pytest.FixtureRequest, place: Place, home: Path) -> Iterator[Named]:
    with program(request.param, {**place.environ, "HOME": str(home)}) as running:
        place.press()
        yield Named(running, f"weavclip-{request.param}" if place.names else "")


class Named:
    """A program, and the name that its display's source gives it."""

    def __init__(self, running: Program, name: str) -> None:
        self.program = running
        self.name = name


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="session")
def picture(home: Path) -> Path:
    path = home / "picture.png"
    drawn = Image.new("RGB", (32, 24), (200, 30, 40))
    drawn.putpixel((3, 5), (0, 250, 1))
    drawn.save(path)
    return path


@pytest.fixture(scope="session")
def browser(browsed: Place, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    if shutil.which("chromium") is None:
        pytest.skip("chromium is not installed")
    environ = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", **browsed.environ}
    with chromium(environ, tmp_path_factory.mktemp("chromium")) as running:
        yield running


@pytest.fixture(scope="session")
def office(screen: Place, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    profile = tmp_path_factory.mktemp("office")
    environ = {**screen.environ, "HOME": str(profile)}
    with program("office", environ, str(profile)) as running:
        yield running


def draft_of(offer: Offer) -> Draft:
    draft = read(offer)
    assert draft
    return draft


def pixels(content: bytes) -> bytes:
    return Image.open(io.BytesIO(content)).convert("RGB").tobytes()


def named(place: Place, toolkit: Named) -> str:
    """By its window where the compositor tells, by its process on X11, else not at all."""
    return "python3" if set(place.environ) == {"DISPLAY"} else toolkit.name


def test_a_text_of_a_toolkit(place: Place, toolkit: Named) -> None:
    offer = place.captured(lambda: toolkit.program.copy("text", TEXT), Kind.TEXT)

    draft = draft_of(offer)
    assert (draft.kind, draft.mime_type, draft.text) == (Kind.TEXT, "text/plain", TEXT)
    assert offer.source_app == named(place, toolkit)


def test_markup_of_a_toolkit_comes_with_its_text(place: Place, toolkit: Named) -> None:
    offer = place.captured(lambda: toolkit.program.copy("html", MARKUP), Kind.HTML)

    draft = draft_of(offer)
    assert (draft.kind, draft.mime_type, draft.text) == (Kind.HTML, "text/html", "words")
    assert draft.representations == {"text/html": MARKUP.encode(), "text/plain": b"words"}


def test_a_picture_of_a_toolkit_is_its_png(place: Place, toolkit: Named, picture: Path) -> None:
    offer = place.captured(lambda: toolkit.program.copy("image", str(picture)), Kind.IMAGE)

    draft = draft_of(offer)
    assert (draft.kind, draft.mime_type) == (Kind.IMAGE, "image/png")
    assert (draft.width_px, draft.height_px) == (32, 24)
    assert pixels(draft.representations["image/png"]) == pixels(picture.read_bytes())


def test_a_list_of_files_of_a_toolkit_keeps_no_file(
    place: Place, toolkit: Named, picture: Path
) -> None:
    paths = [str(picture), "/etc/a name with ä"]
    offer = place.captured(lambda: toolkit.program.copy("files", "|".join(paths)), Kind.FILES)

    draft = draft_of(offer)
    assert (draft.kind, draft.mime_type) == (Kind.FILES, "text/uri-list")
    assert draft.text.split("\n") == paths
    assert not [each for each in draft.representations if each.startswith("image/")]


def test_a_page_of_chromium_is_markup_with_its_text(
    browsed: Place, browser: Chromium, tmp_path: Path
) -> None:
    page = tmp_path / "page.html"
    page.write_text(f"<meta charset=utf-8>{MARKUP}<p>zwei</p>")

    offer = browsed.captured(lambda: browser.copy_all_of(page), Kind.HTML)

    draft = draft_of(offer)
    assert (draft.kind, draft.text) == (Kind.HTML, "Weißer Käse\n\nzwei")
    assert b"<b>" in draft.representations["text/html"]
    assert offer.source_app == "chromium"


def test_a_picture_of_chromium_is_a_picture_for_all_the_markup_beside_it(
    browsed: Place, browser: Chromium, picture: Path
) -> None:
    offer = browsed.captured(lambda: browser.copy_all_of(picture), Kind.IMAGE)

    draft = draft_of(offer)
    assert (draft.kind, draft.mime_type) == (Kind.IMAGE, "image/png")
    assert pixels(draft.representations["image/png"]) == pixels(picture.read_bytes())
    assert picture.as_uri().encode() in draft.representations["text/html"]


@pytest.mark.x11
def test_cells_of_calc_are_their_text_with_markup_and_picture_for_copying_back(
    screen: Place, office: Program
) -> None:
    offer = screen.captured(lambda: office.copy("cells", "A1:B3"), Kind.HTML)

    draft = draft_of(offer)
    assert (draft.kind, draft.mime_type) == (Kind.HTML, "text/html")
    assert draft.text == "month\tsales\nMay\t12\nJune\t17"
    assert b"<table" in draft.representations["text/html"]
    assert pixels(draft.representations["image/png"])
    assert offer.source_app.startswith("soffice")


@pytest.mark.x11
def test_xclip(screen: Place, picture: Path) -> None:
    command = ["xclip", "-selection", "clipboard", "-i"]

    text = screen.captured(lambda: piped(command, TEXT.encode(), screen), Kind.TEXT)
    drawn = screen.captured(
        lambda: piped([*command, "-t", "image/png"], picture.read_bytes(), screen), Kind.IMAGE
    )

    assert (draft_of(text).kind, draft_of(text).text) == (Kind.TEXT, TEXT)
    assert draft_of(drawn).representations == {"image/png": picture.read_bytes()}


@pytest.mark.wayland
@pytest.mark.parametrize("name", ["sway", "kwin"])
def test_wl_copy(name: str, request: pytest.FixtureRequest, picture: Path) -> None:
    desktop = request.getfixturevalue(f"shared_{name}")
    place = places.on_kwin(desktop)  # it needs no key where there is data-control

    text = place.captured(lambda: piped(["wl-copy"], TEXT.encode(), place), Kind.TEXT)
    html = place.captured(
        lambda: piped(["wl-copy", "-t", "text/html"], MARKUP.encode(), place), Kind.HTML
    )
    drawn = place.captured(lambda: piped(["wl-copy"], picture.read_bytes(), place), Kind.IMAGE)

    assert (draft_of(text).kind, draft_of(text).text) == (Kind.TEXT, TEXT)
    assert (draft_of(html).kind, draft_of(html).text) == (Kind.HTML, "Weißer Käse")
    assert draft_of(drawn).representations == {"image/png": picture.read_bytes()}


def piped(command: list[str], content: bytes, place: Place) -> None:
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    environ = {"PATH": os.environ["PATH"], **place.environ}
    subprocess.run(
        command,
        input=content,
        env=environ,
        stdout=subprocess.DEVNULL,
        check=True,
        timeout=WITHIN_S,
    )
