"""The hub as operators run it: `streetwork` in processes of its own, with its embedded PostgreSQL."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

import app
from app.content import CONTENT_DIR
from flows.understand import ensure_artefact
from tests.live import SECRET_KEY, TRAINED

ROOT = Path(app.__file__).parents[1]
COMMAND = [sys.executable, "-c", "from app.cli import main; main()"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def environment(data_dir: Path, **settings: str) -> dict[str, str]:
    """Of a hub in `data_dir`, and nothing of the machine's own settings."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("STREETWORK_")}
    ours = {"DATA_DIR": str(data_dir), "SECRET_KEY": SECRET_KEY, "DATABASE_URL": "", **settings}
    return {**plain, **{f"STREETWORK_{name}": value for name, value in ours.items()}, "PYTHONPATH": str(ROOT)}


def borrow_training(data_dir: Path) -> None:
    """What was trained once for all tests, so that `serve` need not do it again."""
    trained = ensure_artefact(CONTENT_DIR, TRAINED)
    (data_dir / "understand").mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        os.symlink(trained, data_dir / "understand" / trained.name)


def streetwork(
    env: dict[str, str], *arguments: str, stdin: str = "", check: bool = True
) -> subprocess.CompletedProcess[str]:
    """One command, to its end."""
    done = subprocess.run(
        [*COMMAND, *arguments], env=env, input=stdin, capture_output=True, text=True, timeout=90, cwd=ROOT, check=False
    )
    assert not check or done.returncode == 0, done.stdout + done.stderr
    return done


class Serving:
    """`streetwork serve` on `port`, which a test may kill and start again; what it logs is kept in `log`."""

    def __init__(self, env: dict[str, str], log: Path, port: int) -> None:
        self.env = env
        self.log = log
        self.port = port
        self.base_url = f"http://127.0.0.1:{port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                [*COMMAND, "serve", "--port", str(self.port)], env=self.env, stdout=output, stderr=output, cwd=ROOT
            )

    def wait_until_ready(self, seconds: float = 180) -> None:
        deadline = time.monotonic() + seconds
        while True:
            assert self._process is not None
            assert self._process.poll() is None, self.log.read_text()[-3000:]
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(f"{self.base_url}/readyz", trust_env=False).status_code == 200:
                    return
            assert time.monotonic() < deadline, self.log.read_text()[-3000:]
            time.sleep(0.1)

    def kill(self) -> None:
        """As a power cut does it: no good-byes."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> int:
        """As Ctrl-C does it."""
        if self._process is None or self._process.poll() is not None:
            return -1
        self._process.send_signal(signal.SIGINT)
        try:
            return self._process.wait(30)
        except subprocess.TimeoutExpired:
            self.kill()
            return -9


@contextlib.contextmanager
def serving(folder: Path, **settings: str) -> Iterator[Serving]:
    data_dir = folder / "var"
    borrow_training(data_dir)
    port = free_port()
    env = environment(data_dir, PORT=str(port), **settings)
    hub = Serving(env, folder / "serve.log", port)
    hub.start()
    try:
        hub.wait_until_ready()
        yield hub
    finally:
        hub.stop()
