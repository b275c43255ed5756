"""Other processes of the hub, for tests in which several meet."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import app

# Says what it sees, then holds the database until a line comes in.
HOLDER = """
import sys, json, pathlib, psycopg
from app.embedded import database, libpq_url
with database("", pathlib.Path(sys.argv[1]), own=sys.argv[2] == "own", timeout=20) as url:
    with psycopg.connect(libpq_url(url)) as connection:
        ran_by = connection.execute("SELECT current_setting('data_directory')").fetchone()[0]
    print(json.dumps({"url": url, "data": ran_by}), flush=True)
    sys.stdin.readline()
"""


@contextmanager
def child(script: str, *arguments: object, prefix: tuple[str, ...] = ()) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [*prefix, sys.executable, "-c", script, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(app.__file__).parents[1],
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def heard(process: subprocess.Popen[str]) -> Any:
    assert process.stdout
    assert process.stderr
    line = process.stdout.readline()
    assert line, process.stderr.read()
    return json.loads(line)


def released(process: subprocess.Popen[str]) -> None:
    process.communicate("done\n", timeout=20)
    assert process.returncode == 0
