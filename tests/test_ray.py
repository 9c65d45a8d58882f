"""``copydesk predict --engine ray`` on a cluster of this machine: the records of a plain run, also when a worker is killed."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytest.importorskip("ray.data", reason="needs the ray extra")

pytestmark = [
    pytest.mark.ray,
    pytest.mark.timeout(600),
    pytest.mark.skipif(not Path("/proc").is_dir(), reason="finds the worker to kill in /proc"),
]
ROWS = 24
COMMAND = [sys.executable, "-m", "copydesk.inference", "predict", "--model", "baseline", "-q"]


def actors() -> list[int]:
    """The processes that hold a model."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if "_ShardCoder" in (folder / "cmdline").read_text():
                found.append(int(folder.name))
        except OSError:
            continue
    return found


def test_the_records_of_a_plain_run_though_a_worker_is_killed(tmp_path: Path) -> None:
    story = "Police in Lima arrested miners on Monday. The minister said that order would return. " * 20
    lines = [json.dumps({"id": str(number), "text": f"{story}It was day {number}."}) for number in range(ROWS)]
    lines[5], lines[17] = "{broken", json.dumps({"id": "3", "text": "Again."})
    (tmp_path / "in.jsonl").write_text("\n".join(lines) + "\n")
    done = subprocess.run([*COMMAND, "in.jsonl", "-o", "plain.jsonl"], cwd=tmp_path, check=False, capture_output=True)
    assert done.returncode == 1, done.stderr.decode()

    asked = [*COMMAND, "in.jsonl", "-o", "coded", "--engine", "ray", "--workers", "1", "--shard-rows", "4"]
    with (tmp_path / "log").open("wb") as log:
        run = subprocess.Popen(asked, cwd=tmp_path, stderr=log, env=os.environ | {"RAY_ADDRESS": ""})
        while run.poll() is None and not (tmp_path / "coded" / "part-000001.done").exists():
            time.sleep(0.05)
        killed = actors()
        for process in killed:
            os.kill(process, signal.SIGKILL)
        code = run.wait()
    assert killed, (tmp_path / "log").read_text()
    assert code == 1, (tmp_path / "log").read_text()
    shards = sorted((tmp_path / "coded").glob("part-*.jsonl"))
    assert len(shards) == 6
    assert b"".join(path.read_bytes() for path in shards) == (tmp_path / "plain.jsonl").read_bytes()
