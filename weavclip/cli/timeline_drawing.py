"""A timeline as bars on a terminal, and as an SVG."""

from __future__ import annotations

from html import escape
from math import ceil
from typing import TYPE_CHECKING

from weavclip.cli.render import DIM
from weavclip.cli.weighing import bar
from weavclip.domain.clip import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from weavclip.cli.terminal import Screen
    from weavclip.organise.timeline import Span

COLOURS = {
    Kind.TEXT: "#3584e4",
    Kind.IMAGE: "#2ec27e",
    Kind.LINK: "#e5a50a",
    Kind.FILES: "#c061cb",
    Kind.HTML: "#99c1f1",
}
_WIDTH, _HEIGHT, _LEFT, _TOP, _BOTTOM, _RIGHT = 900, 320, 56, 40, 48, 16
_LEAST_BAR_CELLS = 10
_DIGIT, _LABEL_GAP = 7.2, 14.0  # px, at 12 px of a usual typeface


def bars(spans: Sequence[Span], screen: Screen) -> Iterator[str]:
    """A line a step: when, how much as a bar, and how much of each kind."""
    if not spans:
        return
    most = max(span.total for span in spans)
    kinds = [" · ".join(_kinds(span)) for span in spans]
    when = [_when(span, spans) for span in spans]
    taken = max(map(len, when)) + len(f"{most:,}") + max(map(len, kinds)) + 6
    room = max(_LEAST_BAR_CELLS, screen.columns - taken)
    for span, moment, said in zip(spans, when, kinds, strict=True):
        drawn = bar(span.total / most, room).ljust(room)
        count = f"{span.total:>{len(f'{most:,}')},}"
        yield f"{moment}  {drawn}  {count}  {screen.styled(said, DIM)}".rstrip()


def _kinds(span: Span) -> Iterator[str]:
    return (f"{span.counts[kind]:,} {kind}" for kind in Kind if span.counts.get(kind))


def _when(span: Span, spans: Sequence[Span]) -> str:
    is_hourly = any(each.start.hour for each in spans)
    return span.start.strftime("%Y-%m-%d %H:%M" if is_hourly else "%Y-%m-%d")


def svg(spans: Sequence[Span]) -> str:
    """Stacked columns, a colour a kind; every column says what it is when it is pointed at."""
    most = max((span.total for span in spans), default=0) or 1
    step = (_WIDTH - _LEFT - _RIGHT) / max(len(spans), 1)
    frame = f'viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif" font-size="12"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {frame}>',
        "<title>What was copied when</title>",
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>',
        *_legend(),
        *_scale(most),
    ]
    labelled = set(_labelled(spans, step))
    for place, span in enumerate(spans):
        parts += _column(span, spans, left=_LEFT + place * step, width=step * 0.8, most=most)
        if place in labelled:
            parts.append(
                f'<text x="{_LEFT + place * step:.1f}" y="{_HEIGHT - 24}" fill="#5e5c64">'
                f"{escape(_when(span, spans))}</text>"
            )
    return "\n".join((*parts, "</svg>")) + "\n"


def _labelled(spans: Sequence[Span], step: float) -> Iterator[int]:
    """The columns whose times stand beside each other, and within the drawing."""
    wide = max((len(_when(span, spans)) for span in spans), default=0) * _DIGIT
    every = ceil((wide + _LABEL_GAP) / step)
    return (at for at in range(0, len(spans), every) if _LEFT + at * step + wide <= _WIDTH)


def _column(
    span: Span, spans: Sequence[Span], *, left: float, width: float, most: int
) -> Iterator[str]:
    said = escape(f"{_when(span, spans)}: {', '.join(_kinds(span)) or 'nothing'}")
    yield f"<g><title>{said}</title>"
    bottom = float(_HEIGHT - _BOTTOM)
    for kind in Kind:
        height = span.counts.get(kind, 0) / most * (_HEIGHT - _TOP - _BOTTOM)
        if height:
            bottom -= height
            yield (
                f'<rect x="{left:.1f}" y="{bottom:.1f}" width="{width:.1f}" '
                f'height="{height:.1f}" fill="{COLOURS[kind]}"/>'
            )
    yield "</g>"


def _legend() -> Iterator[str]:
    for place, (kind, colour) in enumerate(COLOURS.items()):
        left = _LEFT + place * 80
        yield f'<rect x="{left}" y="12" width="12" height="12" fill="{colour}"/>'
        yield f'<text x="{left + 18}" y="22" fill="#241f31">{kind}</text>'


def _scale(most: int) -> Iterator[str]:
    for share in (0.0, 1.0) if most % 2 else (0.0, 0.5, 1.0):  # there are no half clips
        height = _HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM)
        yield f'<path d="M{_LEFT} {height}H{_WIDTH - _RIGHT}" stroke="#deddda"/>'
        yield (
            f'<text x="{_LEFT - 8}" y="{height + 4}" text-anchor="end" fill="#5e5c64">'
            f"{most * share:g}</text>"
        )
