from __future__ import annotations

import pytest

from weavclip.embed import ocr_extra

pytestmark = pytest.mark.skipif(
    not ocr_extra.is_installed(), reason="the extra 'ocr' is not installed"
)


def test_its_threads_wait_without_keeping_a_core_busy() -> None:
    from weavclip.embed.ocr_lines import LineReader

    reader = LineReader(threads=2)

    for part in (reader._detector, reader._recogniser):
        options = part.session.session.get_session_options()
        assert options.get_session_config_entry("session.intra_op.allow_spinning") == "0"
        assert options.intra_op_num_threads == 2
        assert not options.enable_cpu_mem_arena
