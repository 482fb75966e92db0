"""OpenVINO is imported without its converter: nothing is sent, nothing is asked, nothing kept."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[3]

SCRIPT = """
import json, sys
events = []
def hook(name, args):
    if name.startswith(("socket.connect", "socket.getaddrinfo", "subprocess.", "os.system")):
        events.append(f"{name} {args!r:.80}")
    elif name == "open" and isinstance(args[0], str) and isinstance(args[1], str):
        if any(c in args[1] for c in "wax+"):
            events.append(f"open {args[0]}")
sys.addaudithook(hook)
from pathlib import Path
import numpy as np
from engine.vision.clip import open_clip
from engine.vision.models import ModelStore
model = open_clip(ModelStore(Path(sys.argv[2])).resolve(sys.argv[1]))
model.text.embed(["a dog"])
crop = model.spec.crop
pixels = np.random.default_rng(0).integers(0, 256, (4, crop, crop, 3), dtype=np.uint8)
model.image.embed(pixels)
print(json.dumps({
    "events": [e for e in events if sys.argv[2] not in e],
    "modules": [m for m in ("torch", "transformers", "ssl", "http.client", "requests")
                if m in sys.modules],
    "telemetry": [m for m, module in sys.modules.items() if "telemetry" in m and module],
    "engine": [model.image.engine, model.text.engine],
}))
"""


def test_nothing_is_sent_or_left_behind(tiny_folder: Path, tmp_path: Path):
    home = tmp_path / "home"
    home.mkdir()
    environment = {**os.environ, "HOME": str(home), "USERPROFILE": str(home),
                   "PYTHONPATH": str(CHECKOUT), "PYTHONDONTWRITEBYTECODE": "1"}  # fmt: skip
    environment.pop("XDG_CONFIG_HOME", None)
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tiny_folder), str(tmp_path / "store")],
        env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["engine"][0].startswith("openvino")
    assert found["engine"][1] == "openvino fp32"
    assert found["events"] == []
    assert found["telemetry"] == []
    assert found["modules"] == []
    assert list(home.iterdir()) == []
    assert done.stderr == ""


LEAVING = """
import sys, threading
from pathlib import Path
import numpy as np
from engine.vision.clip import open_clip
from engine.vision.models import ModelStore
model = open_clip(ModelStore(Path(sys.argv[2])).resolve(sys.argv[1]))
crop = model.spec.crop
pixels = np.random.default_rng(0).integers(0, 256, (64, crop, crop, 3), dtype=np.uint8)
model.image.embed(pixels)
rounds = threading.Semaphore(0)
def go_on():
    while True:
        model.image.embed(pixels)
        rounds.release()
for _ in range(2):
    threading.Thread(target=go_on, daemon=True).start()
for _ in range(20):
    rounds.acquire()
"""


def test_the_program_may_end_while_photos_are_computed(tiny_folder: Path, tmp_path: Path):
    done = subprocess.run(
        [sys.executable, "-c", LEAVING, str(tiny_folder), str(tmp_path / "store")],
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
