"""The options that say which clips, given to every command that takes them."""

from __future__ import annotations

import inspect
from functools import wraps
from inspect import Parameter
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from weavclip.cli.choosing import filtered
from weavclip.domain.clip import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from weavclip.cli.app import Function

_FORMS = "an ISO date or time, or words such as 'yesterday', '2 hours ago', 'last week'"
Kinds = Annotated[
    list[Kind] | None,
    typer.Option(
        "--kind",
        metavar="KIND",
        help="Only text, image, link, files or html; may be repeated. 'text' also admits text "
        "that was copied with its markup (html); 'html' admits only that.",
    ),
]
After = Annotated[
    str | None, typer.Option("--after", metavar="WHEN", help=f"Copied then or later: {_FORMS}.")
]
Since = Annotated[str | None, typer.Option("--since", metavar="WHEN", help="The same as --after.")]
Before = Annotated[
    str | None, typer.Option("--before", metavar="WHEN", help="Copied before that moment.")
]
Within = Annotated[
    str | None,
    typer.Option(
        "--when",
        metavar="TIME",
        help="Copied within it: 'yesterday evening', 'last week', 'in march', "
        "'between 3 and 5 pm'.",
    ),
]
Apps = Annotated[
    list[str] | None,
    typer.Option("--app", metavar="NAME", help="Only clips from this program; may be repeated."),
]
Labels = Annotated[
    list[str] | None,
    typer.Option(
        "--label", metavar="LABEL", help="Only clips with this label; repeated, with all of them."
    ),
]
Pinned = Annotated[bool, typer.Option("--pinned", help="Only pinned clips.")]
Hidden = Annotated[bool, typer.Option("--hidden", help="Hidden pictures, too.")]

_WHERE = "where"
_OFFERED: dict[str, tuple[object, object]] = {
    "kinds": (Kinds, None),
    "after": (After, None),
    "since": (Since, None),
    "before": (Before, None),
    "within": (Within, None),
    "apps": (Apps, None),
    "labels": (Labels, None),
    "pinned": (Pinned, False),
    "hidden": (Hidden, False),
}
"""By the name of what :func:`filtered` is given: the option, and what it is when it is absent."""


def narrowed(
    *,
    without: Collection[str] = (),
    **always: Any,  # noqa: ANN401 - as many types as options
) -> Callable[[Function], Function]:
    """Give a command these options; it takes what they say as one filter, ``where``.

    Args:
        without: Options that it does not have, by the name of what ``filtered`` is given.
        always: What ``filtered`` is given instead of those.
    """
    offered = {name: each for name, each in _OFFERED.items() if name not in without}

    def narrows(function: Function) -> Function:
        @wraps(function)
        def run(**given: Any) -> None:  # noqa: ANN401 - as many types as options
            chosen = {name: given.pop(name) for name in offered}
            function(**given, **{_WHERE: filtered(**chosen, **always)})

        # Of these two typer makes a command's options.
        said: Any = run
        said.__signature__ = _with_options(inspect.signature(function), offered)
        said.__annotations__ = {
            each.name: each.annotation for each in said.__signature__.parameters.values()
        }
        return cast("Function", run)

    return narrows


def _with_options(
    own: inspect.Signature, offered: Mapping[str, tuple[object, object]]
) -> inspect.Signature:
    """A command's signature with the options in the filter's place; all are given by name."""
    options = [
        Parameter(name, Parameter.KEYWORD_ONLY, default=absent, annotation=option)
        for name, (option, absent) in offered.items()
    ]
    parameters: list[Parameter] = []
    for each in own.parameters.values():
        given = [each.replace(kind=Parameter.KEYWORD_ONLY)]
        parameters += options if each.name == _WHERE else given
    return own.replace(parameters=parameters)
