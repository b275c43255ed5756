"""What pictures, videos and recordings are, and copies of recordings that every browser or messenger plays.

A process of its own opens each file (`app/av_process.py`), without our environment, and is ended when it takes too long.
"""

import asyncio
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

CHILD = str(Path(__file__).with_name("av_process.py"))
SECONDS = 90.0

Task = Literal["picture", "video", "audio", "voice"]


@dataclass(frozen=True, slots=True)
class Found:
    """`copy`: AAC of what some browser can't play, or OGG/Opus where a voice note was asked for; else empty."""

    width: int | None = None
    height: int | None = None
    seconds: float | None = None
    copy: bytes = b""


class Unreadable(Exception):
    """`problem`: `damaged` (or of a kind that nobody can open) or `too_long`."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


def task_of(mime: str | None) -> Task | None:
    """What to do with a file that came; None for documents."""
    family = (mime or "").partition("/")[0]
    if (mime or "").startswith("application/ogg"):
        return "audio"
    return {"image": "picture", "audio": "audio", "video": "video"}.get(family)  # type: ignore[return-value]


async def open_file(content: bytes, task: Task) -> Found:
    """Raises Unreadable."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-I",
        CHILD,
        task,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,  # could quote the file
        env={},
        cwd="/",
    )
    try:
        async with asyncio.timeout(SECONDS):
            out, _ = await process.communicate(content)
    except TimeoutError:
        raise Unreadable("too_long") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        raise Unreadable("damaged")
    line, _, copy = out.partition(b"\n")
    about = json.loads(line)
    if "problem" in about:
        raise Unreadable(about["problem"])
    return Found(about.get("width"), about.get("height"), about.get("seconds"), copy)
