"""Text that begins with a minus, among options."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from weavclip.cli.app import Command

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class TakesPasted(Command):
    """Reads ``'-rf build'`` as a text: no option has a blank in it before its value."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - typer's click
        """Put texts behind the options, then parse."""
        options = {
            name: not getattr(each, "is_flag", False)
            for each in self.get_params(ctx)
            if each.param_type_name == "option"
            for name in (*each.opts, *each.secondary_opts)
        }
        return super().parse_args(ctx, texts_last(args, options))


def texts_last(args: Sequence[str], options: Mapping[str, bool]) -> list[str]:
    """Arguments in which all that is no option stands behind ``--``, in the order it was given.

    Args:
        args: As typed.
        options: By name: whether a value follows it.

    >>> texts_last(["-rf build", "--kind", "text"], {"--kind": True})
    ['--kind', 'text', '--', '-rf build']
    >>> texts_last(["--since=last week", "chart", "-x"], {"--since": True})
    ['--since=last week', '-x', '--', 'chart']
    """
    chosen: list[str] = []
    texts: list[str] = []
    lacks_value = False
    rest = iter(args)
    for arg in rest:
        if arg == "--":
            texts += rest
        elif _is_text(arg, options):
            texts.append(arg)
        else:
            wants_value = _wants_value(arg, options)
            value = [*islice(rest, int(wants_value))]
            lacks_value = wants_value and not value
            chosen += [arg, *value]
    return [*args] if lacks_value else [*chosen, "--", *texts]


def _is_text(arg: str, options: Mapping[str, bool]) -> bool:
    if not arg.startswith("-") or arg == "-":
        return True
    name, is_given, _ = arg.partition("=")
    has_blank = any(map(str.isspace, arg))
    return has_blank and not (is_given and name in options)


def _wants_value(arg: str, options: Mapping[str, bool]) -> bool:
    """Whether the next argument is this one's: ``--kind``, ``-n``, ``-0n``, but not ``-n5``."""
    if arg.startswith("--"):
        return options.get(arg, False)
    *flags, last = (f"-{letter}" for letter in arg[1:])
    return options.get(last, False) and all(options.get(flag) is False for flag in flags)
