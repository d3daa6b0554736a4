"""Whether a text is something to type into a shell."""

from __future__ import annotations

import re

MOST_LINES = 5
"""More are a script, or no command at all."""

_PROMPT = re.compile(r"^\s*(?:\$|%|\u276f|PS [^>\n]*>|\w+@[\w.-]+:[^\s$]*\$)\s+")
_BEFORE = re.compile(r"(?:sudo(?: -[A-Za-z]+)*|doas|time|nohup|env)\s+|[A-Z_][A-Z0-9_]*=\S*\s+")
_PROGRAM = re.compile(r"(?:\./|~/|/)?[a-z0-9_][\w.+/-]*")
_OPTION = re.compile(r"(?<=\s)(?:--?[A-Za-z?][\w-]*|--)(?=[\s=,|\]]|$)|(?<=\s)\[-|(?<=\s)-\d+\b")
_SHELL = re.compile(r"\s(?:\|\|?|&&|>>?|2>&1|<)\s*\S|\$\(|\$\{|\$[A-Z]|~/|;\s*(?:do|then)\b|`\w")
_SENTENCE = re.compile(
    r"(?<!\.\.)[.?!]\s*$|,\s|\b(?:is|are|was|the|does|not|please|you|your|my)\b"
)

_SURE = frozenset(
    """
    adb ansible apt apt-get aptitude awk aws az bash brew bun bundle cargo cd chgrp chmod
    chown cmake conda cp crontab curl dd deno df dig dnf docker docker-compose dotnet dpkg du
    ffmpeg flatpak gcc gcloud gdb gh git gpg gradle grep gunzip gzip helm hg htop ifconfig
    iptables java javac journalctl jq kubectl ls lsblk lsof mkdir mv mvn mysql nano netstat
    nginx nmap node npm npx nvim openssl pacman pip pip3 pipx pnpm podman poetry psql pytest
    python python3 rg rm rmdir rsync rustc rustup scp sed sftp snap sqlite3 ssh ssh-keygen
    sudo svn systemctl tar terraform tmux traceroute umount uname unzip uv vim wget xargs
    xclip yarn yum zip zsh zypper
    """.split()  # noqa: SIM905 - a list of 130 words reads better so
)
"""Programs whose names are no English words."""


def is_command(text: str) -> bool:
    r"""Whether every line begins with a program and something there is a shell's.

    >>> is_command("git log --oneline"), is_command("$ make\n$ make install")
    (True, True)
    >>> is_command("find out what is - really - going on"), is_command("make sure it works")
    (False, False)
    """
    lines = [line for line in _joined(text).splitlines() if line.strip()]
    return 0 < len(lines) <= MOST_LINES and all(map(_is_command, lines))


def _joined(text: str) -> str:
    """Lines that a backslash goes on with are one."""
    return re.sub(r"\\\n\s*", " ", text)


def _is_command(line: str) -> bool:
    bare = _PROMPT.sub("", line.strip())
    if not bare or bare.endswith((":", "?")):
        return False
    while before := _BEFORE.match(bare):
        bare = bare[before.end() :]
    program, _, rest = bare.partition(" ")
    if not _PROGRAM.fullmatch(program) or rest.startswith(("=", "(", ": ", ":=")):
        return False
    is_prose = bool(_SENTENCE.search(rest))
    if program in _SURE or bare != line.strip():
        return not is_prose
    is_shell = _OPTION.search(f" {rest}") or _SHELL.search(f" {rest}")
    return bool(is_shell) and not is_prose
