from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING

import pytest

from weavclip.domain.clip import Kind
from weavclip.organise.commands import is_command
from weavclip.organise.rules import labels_of, site_of

if TYPE_CHECKING:
    from pathlib import Path

TRACE = 'Traceback (most recent call last):\n  File "a.py", line 1, in <module>\nKeyError: 1'
JAVA_TRACE = "something broke\n\tat org.example.Main.run(Main.java:42)"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://example.org/a?b=c#d", {"link", "example.org"}),
        ("https://www.example.org", {"link", "example.org"}),
        ("see https://example.org", set()),
        ("ada@example.org", {"e-mail address"}),
        ("mailto:ada.l+x@mail.example.org", {"e-mail address"}),
        ("ada@localhost", set()),
        ("@ada", set()),
        ("192.168.0.1", {"ip address"}),
        ("10.0.0.0/8", {"ip address"}),
        ("127.0.0.1:8080", {"ip address"}),
        ("2001:db8::1", {"ip address"}),
        ("999.1.1.1", set()),
        ("12:30", set()),
        ("#3584e4", {"colour"}),
        ("#FFF", {"colour"}),
        ("rgb(1, 2, 3)", {"colour"}),
        ("hsl(120deg 50% 50% / 20%)", {"colour"}),
        ("#12", set()),
        ("#meeting", set()),
        ("1,234,567.89", {"number"}),
        ("-12.5 %", {"number"}),
        ("$ 3.50", {"number"}),
        ("3 apples", set()),
        ("2026-11-21", set()),
        ("/usr/share/dict/words", {"path"}),
        ("~/notes/today.md", {"path"}),
        ("C:\\Users\\ada", {"path"}),
        ("and/or", set()),
        ("// a remark", set()),
        ("/", set()),
        ('{"a": [1, 2]}', {"json"}),
        ("[1, 2, 3]", {"json"}),
        ("[1]", set()),
        ("{}", set()),
        ("{not json}", set()),
        (TRACE, {"error"}),
        (JAVA_TRACE, {"error"}),
        ("error[E0382]: borrow of moved value", {"error"}),
        ("ValueError: no such thing", {"error"}),
        ("an error occurred", set()),
        ("name\tsize\na\t1\nb\t2", {"table"}),
        ("a,b,c\n1,2,3\n4,5,6", {"table"}),
        ("dear all,\nthanks, and bye,\nada", set()),
        ("| a | b |\n| --- | --- |\n| 1 | 2 |", {"table"}),
        ("git status", {"command"}),
        ("$ make install", {"command"}),
        ("mate-calc --solve 2 + 5", {"command"}),
        ("sudo apt-get install -y \\\n  git", {"command"}),
        ("make sure that it works", set()),
        ("find out who was here", set()),
        ("docker is slow today", set()),
        ("def half(n):\n    return n / 2", {"code", "python"}),
        ("const a = 1;\nconsole.log(a);", {"code", "javascript"}),
        ("interface Cat {\n  name: string\n}", {"code", "typescript"}),
        ("public class Cat {\n  public void purr() {}\n}", {"code", "java"}),
        ('#include <stdio.h>\nint main(void) {\n  printf("x");\n}', {"code", "c"}),
        ('#include <iostream>\nint main() { std::cout << "x"; }', {"code", "c++"}),
        ("package main\n\nfunc main() {\n}", {"code", "go"}),
        ("fn main() {\n    let mut a = 1;\n}", {"code", "rust"}),
        ("SELECT name FROM cats WHERE age > 3;", {"code", "sql"}),
        ('<div class="a">\n<p>hi</p>\n</div>', {"code", "html"}),
        (".cat {\n  color: red;\n}", {"code", "css"}),
        ("#!/bin/bash\nif [ -f a ]; then\n  echo $a\nfi\nls\nls\nls", {"code", "shell"}),
        ("diff --git a/a b/a\n@@ -1 +1 @@\n-x\n+y", {"code", "diff"}),
        ("Buy milk; call Ada (tomorrow): 3 pm", set()),
        ("", set()),
        ("   \n ", set()),
    ],
)
def test_a_text_is_what_its_form_says(text: str, expected: set[str]) -> None:
    assert labels_of(text) == expected


def test_a_links_labels_are_its_addresss_whatever_its_name() -> None:
    named = "https://github.com/rust-lang/rust\nThe Rust language: fn main() {}"

    assert labels_of(named, Kind.LINK) == {"link", "github.com"}
    assert labels_of("ftp://example.org/a", Kind.LINK) == {"link"}


def test_files_and_pictures_have_no_form() -> None:
    assert labels_of("/home/ada/a.png", Kind.FILES) == frozenset()


def test_a_damaged_address_has_no_site() -> None:
    assert site_of("https://[1/") == ""


def test_no_question_and_no_description_has_a_label(shared_data: Path) -> None:
    texts = shared_data / "texts"
    questions = [
        row["text"] for row in csv.DictReader((texts / "questions.csv").read_text().splitlines())
    ]
    commands = [json.loads(line) for line in (texts / "commands.jsonl").read_text().splitlines()]

    labelled = [text for text in questions if labels_of(text)]
    labelled += [each["query"] for each in commands if labels_of(each["query"])]

    assert labelled == []


def test_commands_are_found_two_times_of_three(shared_data: Path) -> None:
    lines = (shared_data / "texts" / "commands.jsonl").read_text().splitlines()
    commands = [json.loads(line)["command"] for line in lines]

    found = sum(map(is_command, commands))

    assert found / len(commands) > 0.66


def test_every_snippet_is_python(shared_data: Path) -> None:
    lines = (shared_data / "texts" / "snippets.jsonl").read_text().splitlines()
    snippets = [json.loads(line)["code"] for line in lines]

    others = [code for code in snippets if labels_of(code) != {"code", "python"}]

    assert others == []


def test_every_link_has_its_site(shared_data: Path) -> None:
    lines = (shared_data / "texts" / "links.jsonl").read_text().splitlines()
    links = [json.loads(line)["url"] for line in lines]

    others = [url for url in links if "link" not in labels_of(url) or len(labels_of(url)) != 2]

    assert others == []
