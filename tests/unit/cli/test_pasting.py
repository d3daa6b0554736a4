from __future__ import annotations

import pytest

from weavclip.cli.pasting import texts_last

OPTIONS = {
    "--kind": True,
    "--since": True,
    "--plus": True,
    "-n": True,
    "-0": False,
    "--json": False,
}


@pytest.mark.parametrize(
    "pasted",
    ["-rf build", "--oneline -n 5", "-n 5", "--since yesterday", "--x=1 y", "- a\n- b", "-"],
)
def test_what_is_pasted_is_a_text_though_it_begins_with_a_minus(pasted: str) -> None:
    found = texts_last([pasted, "--kind", "text", "--json"], OPTIONS)

    assert found == ["--kind", "text", "--json", "--", pasted]


@pytest.mark.parametrize(
    "option",
    [
        ["--since=last week"],
        ["--plus", "-dark photo"],
        ["-n", "5"],
        ["--kidn"],
        ["-n5"],
        ["-0n", "5"],
    ],
)
def test_options_stay_options(option: list[str]) -> None:
    assert texts_last(["chart", *option], OPTIONS) == [*option, "--", "chart"]


def test_texts_keep_their_order() -> None:
    found = texts_last(["one", "-two three", "--json", "four", "--", "--json", "-x"], OPTIONS)

    assert found == ["--json", "--", "one", "-two three", "four", "--json", "-x"]


@pytest.mark.parametrize("args", [["--kind"], ["chart", "--since"], ["-two three", "-n"]])
def test_an_option_without_its_value_does_not_take_another(args: list[str]) -> None:
    assert texts_last(args, OPTIONS) == args
