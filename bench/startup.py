"""From the start of the process to the window on screen, and to the first answer.

Fresh processes, a library of 10,000 photos, a ViT-B/32 of real size with random weights. The
first start is told apart: it reads the disk, and checks what later starts know.

    python bench/startup.py [--json] [--rounds 5] [--photos 10000] [--keep DIR]

The window opens offscreen, and also on Xvfb where that is installed. Takes two minutes.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(CHECKOUT))

BARS = {"painted_s": 1.0, "ready_s": 4.0}
GOALS = {"painted_s": 0.4, "ready_s": 2.5}
_QUERY = "two cats"
_HEAVY = ("torch", "transformers", "openvino", "faiss", "cv2", "tokenizers", "PIL", "numpy")
_BEGAN = float(os.environ.get("BENCH_BEGAN", time.monotonic()))
"""When the process was started, on the clock that all processes of a computer share."""


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    parser.add_argument("--rounds", type=int, default=5, help="starts of each kind")
    parser.add_argument("--photos", type=int, default=10_000, help="photos in the library")
    parser.add_argument("--keep", type=Path, help="keep model and library for the next time")
    parser.add_argument("--start", choices=("window", "engine"), help=argparse.SUPPRESS)
    parser.add_argument("--library", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.start:
        start_window(options.library) if options.start == "window" else start_engine(
            options.library
        )
        return 0
    with tempfile.TemporaryDirectory(prefix="photosift-bench-") as temporary:
        place = (options.keep or Path(temporary)).absolute()
        result = measure(place, options.photos, options.rounds)
    print(json.dumps(result)) if options.json else show(result)
    return 0


def measure(place: Path, photos: int, rounds: int) -> dict[str, Any]:
    """Prepare in this process, start in others."""
    from material import make_model, note

    home = place / "home"
    home.mkdir(parents=True, exist_ok=True)
    os.environ.update(XDG_DATA_HOME=str(home), XDG_CACHE_HOME=str(home), HF_HUB_OFFLINE="1")
    make_model(place / "model")
    library = place / f"library-{photos}"
    note(f"making a library of {photos} photos")
    from shelves import make_library

    make_library(library, place / f"photos-{photos}", place / "model", photos, files=True)
    result: dict[str, Any] = {"photos": photos}
    for kind, display in (("engine", {}), ("window", {"QT_QPA_PLATFORM": "offscreen"})):
        result[kind] = repeated(library, kind, display, rounds)
    with xvfb() as display:
        if display:
            result["window_x11"] = repeated(library, "window", display, rounds)
    result["painted_s"] = result["window"]["painted_s"]
    result["ready_s"] = result["window"]["ready_s"]
    result["load_average"] = [round(load, 1) for load in os.getloadavg()]
    return result


def repeated(library: Path, kind: str, display: dict[str, str], rounds: int) -> dict[str, Any]:
    """Medians of all starts but the first."""
    from material import note

    runs: list[dict[str, Any]] = []
    for _ in range(rounds + 1):
        environment = {
            **os.environ, **display, "PYTHONPATH": str(CHECKOUT),
            "BENCH_BEGAN": str(time.monotonic()),
        }  # fmt: skip
        done = subprocess.run(
            [sys.executable, __file__, "--start", kind, "--library", str(library)],
            env=environment, stdout=subprocess.PIPE, text=True, check=True, timeout=120,
        )  # fmt: skip
        runs.append(json.loads(done.stdout.splitlines()[-1]))
        note(f"{kind} {display.get('QT_QPA_PLATFORM', '')}: {runs[-1]}")
    first, *others = runs
    numbers = [name for name, value in first.items() if isinstance(value, float)]
    result: dict[str, Any] = {
        name: round(statistics.median(run[name] for run in others or runs), 3) for name in numbers
    }
    result["first"] = {name: round(first[name], 3) for name in numbers}
    return {**result, "imported": runs[-1]["imported"]}


@contextmanager
def xvfb() -> Generator[dict[str, str], None, None]:
    """A display of our own; nothing where Xvfb is not installed."""
    if shutil.which("Xvfb") is None:
        yield {}
        return
    reading, writing = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1600x1000x24", "-nolisten", "tcp"],
        pass_fds=[writing], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(writing)
    try:
        with os.fdopen(reading) as pipe:
            number = pipe.readline().strip()
        yield {"DISPLAY": f":{number}", "QT_QPA_PLATFORM": "xcb"} if number else {}
    finally:
        server.terminate()
        server.wait()


# ---- inside the measured process --------------------------------------------------------------


def start_engine(folder: Path) -> None:
    """Open, load the text tower, ask once."""
    from engine import Library

    found: dict[str, Any] = {"imported_s": _since()}
    library = Library.open(folder)
    found["opened_s"] = _since()
    library.warm_up()
    found["ready_s"] = _since()
    library.search(_QUERY, 100)
    found["answered_s"] = _since()
    tell(found)
    library.close()


def start_window(folder: Path) -> None:
    """As `main.py` does it, with ears on the window's own milestones."""
    import main as program
    from gui import app

    found: dict[str, Any] = {}
    names = {"The window is on screen": "painted_s", "Search is ready": "ready_s"}
    desks: list[app.Desk] = []

    class Heard(app.Desk):
        def __init__(self, *arguments: Any, **named: Any) -> None:
            desks.append(self)
            super().__init__(*arguments, **named)

    def mark(what: str) -> None:
        if what not in names or names[what] in found:
            return
        found[names[what]] = _since()
        library = desks[0].library
        if len(found) == len(names) and library is not None:
            began = time.monotonic()
            library.search(_QUERY, 100)
            found["first_search_ms"] = 1e3 * (time.monotonic() - began)
            tell(found)
            desks[0].window.close()

    app._mark = mark  # pyright: ignore[reportPrivateUsage]
    app.Desk = Heard
    sys.argv = ["main.py", "--library", str(folder)]
    sys.exit(program.main())


def tell(found: dict[str, Any]) -> None:
    import psutil

    me = psutil.Process()
    found["memory_mb"] = me.memory_info().rss / 2**20
    found["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
    found["imported"] = [name for name in _HEAVY if name in sys.modules]
    print(json.dumps(found), flush=True)


def _since() -> float:
    return time.monotonic() - _BEGAN


def show(result: dict[str, Any]) -> None:
    for kind in ("engine", "window", "window_x11"):
        if kind not in result:
            continue
        run = result[kind]
        print(f"{kind}: imported {', '.join(run['imported'])}")
        for name, first in run["first"].items():
            bar = f"  (bar {BARS[name]}, goal {GOALS[name]})" if name in BARS else ""
            print(f"  {name:<16}{run[name]:>9.2f}   at the first start {first:.2f}{bar}")
    print(f"load average {result['load_average']}")


if __name__ == "__main__":
    sys.exit(main())
