from pathlib import Path

import pytest

from chatvitals.simulator.truth.reader import count_by_kind, load_truth, quantiles, select, values

EVENTS = [
    {"kind": "api", "timestamp": 10, "release": "1", "duration": 5.0},
    {"kind": "api", "timestamp": 20, "release": "2", "duration": None},
    {"kind": "render", "timestamp": 30, "release": "2", "renderTime": 3.0},
]


def test_events_are_selected_by_window_and_dimension() -> None:
    assert select(EVENTS) == EVENTS
    assert select(EVENTS, (10, 30)) == EVENTS[:2]
    assert select(EVENTS, (20, 31), {"release": "2", "kind": "render"}) == EVENTS[2:]


def test_figures_of_events() -> None:
    assert count_by_kind(EVENTS) == {"api": 2, "render": 1}
    assert values(EVENTS, "api", "duration") == [5.0]
    assert quantiles([1, 2, 3, 4, 5], [0, 0.5, 0.95]) == pytest.approx([1, 3, 4.8])


def test_a_file_that_was_cut_off_is_read_up_to_there(tmp_path: Path) -> None:
    path = tmp_path / "truth"
    path.write_bytes(b'{"kind":"api","timestamp":1}\n{"kind":"api","fate":"unknown"}\n{"kind":"ap')
    truth = load_truth(path)
    assert (len(truth.events), len(truth.unknown), truth.summary, truth.start) == (1, 1, None, None)
