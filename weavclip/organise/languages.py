"""In which language a piece of code is written, by what only that language has."""

from __future__ import annotations

import re

_SURE = 2
"""Least weight of the signs found: one sure sign, or two that others might have."""

# Each sign with its weight. Written for the beginning of a text; every one is linear.
_SIGNS: dict[str, tuple[tuple[int, str], ...]] = {
    "python": (
        (2, r"^\s*(?:async )?def \w+\(.*\)\s*(?:->.*)?:\s*$"),
        (2, r"^#!.*\bpython"),
        (2, r"^\s*from [\w.]+ import \w"),
        (1, r"^import \w+(?:\.\w+)*(?: as \w+)?\s*$"),
        (2, r"^\s*class \w+(?:\(.*\))?:\s*$"),
        (2, r"^\s*(?:elif .*|except(?: .*)?|if __name__ == .*):\s*$"),
        (1, r"^\s*(?:for .+ in .+|if .+|while .+|with .+|else|try):\s*$"),
        (1, r"\bprint\(|\blambda \w+:|\bself\.\w|\bNone\b"),
    ),
    "javascript": (
        (2, r"^\s*(?:export )?(?:const|let) [\w{}\[\], ]+ = "),
        (2, r"\bconsole\.(?:log|error)\(|\bdocument\.\w+\(|\brequire\(['\"]"),
        (1, r"\bfunction\s*\w*\(.*\)\s*\{"),
        (1, r"\) => [{(\w]|===|!=="),
        (2, r"^\s*import .+ from ['\"]"),
    ),
    "typescript": (
        (3, r"^\s*(?:export )?(?:interface|type|enum) \w+(?:<.*>)?\s*(?:=|\{)"),
        (3, r"\b(?:const|let|function) \w+.*: (?:string|number|boolean|void|any)\b"),
        (2, r"\(\w+\??: (?:string|number|boolean|any)\b"),
    ),
    "java": (
        (
            2,
            r"^\s*(?:public|private|protected) (?:static )?(?:final )?(?:[\w<>\[\]]+) \w+",
        ),
        (2, r"\bSystem\.out\.print|^\s*import java[x]?\.|\bString\[\] args\b"),
        (1, r"@Override\b|\bnew \w+(?:<.*>)?\(.*\);"),
    ),
    "c": (
        (2, r"^\s*#include\s*[<\"]\w+(?:/\w+)*\.h[>\"]"),
        (1, r"\bprintf\(|\bsizeof\(|\bmalloc\("),
        (1, r"^\s*(?:static )?(?:int|void|char|float|double|struct \w+) \*?\w+\(.*\)\s*\{?\s*$"),
        (1, r"^\s*#(?:define|ifdef|ifndef|endif)\b"),
    ),
    "c++": (
        (3, r"^\s*#include\s*<(?:iostream|vector|string|map|memory|algorithm|cstd\w+)>"),
        (3, r"\bstd::\w|\btemplate\s*<|\bcout <<|\bnamespace \w+\s*\{"),
    ),
    "c#": (
        (3, r"^\s*using System(?:\.\w+)*;"),
        (3, r"\bConsole\.Write|\{ get; (?:set; )?\}|^\s*namespace [\w.]+;?\s*$"),
    ),
    "go": (
        (2, r"^package \w+\s*$"),
        (2, r"^func (?:\(\w+ \*?\w+\) )?\w+\(.*\).*\{\s*$"),
        (1, r"\w+(?:, \w+)* := |\bfmt\.\w|\berr != nil\b"),
    ),
    "rust": (
        (2, r"^\s*(?:pub(?:\(\w+\))? )?(?:async )?fn \w+.*(?:->.*)?\{?\s*$"),
        (2, r"\blet mut \w|\bimpl(?:<.*>)? \w+.* \{|\bprintln!\(|^\s*use (?:std|crate)::"),
        (1, r"\bmatch \w+ \{|&mut \w|\bSome\(|\.unwrap\(\)|^#\[\w+"),
    ),
    "ruby": (
        (1, r"^\s*def \w+[?!]?(?:\(.*\))?\s*$"),
        (1, r"^\s*end\s*$"),
        (1, r"^require ['\"]|\.each do \|\w+|\bputs ['\"]|\battr_accessor\b"),
    ),
    "php": ((2, r"<\?php\b"), (1, r"\$\w+ = .*;\s*$"), (1, r"\becho ['\"$]|->\w+\(")),
    "swift": (
        (2, r"^\s*(?:public |private )?func \w+\(.*\)(?: throws)?(?: -> .+)? \{\s*$"),
        (2, r"^import (?:UIKit|SwiftUI|Foundation)\b|\bguard let \w"),
        (1, r"\bvar \w+: \w+|\blet \w+: \w+"),
    ),
    "kotlin": (
        (2, r"^\s*(?:override |suspend )*fun (?:\w+\.)?\w+\(.*\).*[{=]"),
        (1, r"\bval \w+(?:: \w+)? = |\bdata class \w"),
    ),
    "sql": (
        (
            2,
            r"^\s*(?:SELECT\s.+\sFROM|select\s.+\sfrom) [\w\"`.]+(?:\s*;|\s*$|\s+[A-Zjwgol]\w+\b)",
        ),
        (2, r"^\s*(?:INSERT INTO|CREATE (?:TABLE|INDEX|VIEW)|ALTER TABLE|DELETE FROM) \w"),
        (2, r"^\s*UPDATE [\w\"`.]+ SET \w"),
        (1, r"^\s*(?:SELECT|FROM|WHERE|GROUP BY|ORDER BY|(?:LEFT |INNER )?JOIN)\b"),
        (1, r"^\s*FROM [\w\"`.]+"),
    ),
    "html": (
        (2, r"<!DOCTYPE html|<html\b|</(?:div|span|body|table|a|p|ul|script|head)>"),
        (1, r"<(?:div|span|p|a|img|ul|li|br|input|link|meta)(?: [\w-]+=\"[^\"]*\")*\s*/?>"),
    ),
    "xml": ((2, r"^<\?xml "), (1, r"</\w+:\w+>| xmlns(?::\w+)?=")),
    "css": (
        (2, r"^\s*[.#@]?[\w-]+(?:[ ,>:.#]+[\w-]+)*\s*\{\s*(?:\n\s*)?[\w-]+:\s*[^;{}]+;"),
        (2, r"^\s*@(?:media|import|keyframes|font-face)\b"),
    ),
    "yaml": (
        (1, r"^---\s*$"),
        (1, r"^\w[\w-]*:\s*\n(?:  +|- )\S"),
        (1, r"^(?:  )*- \w+: \S.*\n(?:  )+ *\w+:"),
    ),
    "toml": (
        (1, r"^\[\[?[\w.-]+\]\]?\s*$"),
        (1, r"^[\w-]+ = (?:\"[^\"]*\"|\d+|true|false|\[.*\]?)\s*$"),
    ),
    "shell": (
        (2, r"^#!.*/(?:env )?(?:ba|z|da|k)?sh\b"),
        (2, r"^\s*(?:if \[\[? .* \]\]?; then|for \w+ in .*; do|while .*; do)\s*$"),
        (1, r"^\s*(?:fi|done|esac)\s*$"),
        (1, r"^\s*(?:export )?[A-Z_]+=\S*\s*$|\becho \"?\$\w"),
    ),
    "dockerfile": (
        (1, r"^FROM [\w./-]+(?::[\w.-]+)?(?: AS \w+)?\s*$"),
        (1, r"^(?:RUN|COPY|ENTRYPOINT|CMD|WORKDIR|ENV|EXPOSE) \S"),
    ),
    "diff": (
        (2, r"^diff --git "),
        (1, r"^@@ -\d+(?:,\d+)? \+\d+"),
        (1, r"^(?:---|\+\+\+) \S"),
    ),
    "latex": ((2, r"\\(?:documentclass|begin|usepackage)\b(?:\[.*\])?\{"),),
}
_COMPILED = {
    language: [(weight, re.compile(sign, re.MULTILINE)) for weight, sign in signs]
    for language, signs in _SIGNS.items()
}
_ANY_SIGN = re.compile(r"[(){};=<>:\\@]|^(?:---|#|\[)", re.MULTILINE)

LANGUAGES = tuple(_SIGNS)
"""Those that are told apart."""


def language_of(text: str) -> str:
    r"""The language of a piece of code; empty where no language is sure.

    >>> language_of("fn main() {\n    println!(\"hi\");\n}"), language_of("a note: buy milk")
    ('rust', '')
    """
    if not _ANY_SIGN.search(text):
        return ""
    weights = {
        language: sum(weight for weight, sign in signs if sign.search(text))
        for language, signs in _COMPILED.items()
    }
    best = max(weights, key=weights.__getitem__)
    return best if weights[best] >= _SURE else ""
