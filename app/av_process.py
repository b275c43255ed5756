"""A process of its own (`python -I av_process.py picture|video|audio|voice`), started by `app.av_files`: files of
strangers are opened here, within limits, so that a hostile one ends this process and not the hub.

The file comes on standard input. Out go a line of JSON about it and, where one was made, a copy.
"""

import io
import json
import resource
import sys
from dataclasses import dataclass
from typing import Any

import av
from av.container import InputContainer

MEMORY = 1 << 30  # bytes
CPU_SECONDS = 60
LONGEST = 3600.0  # seconds of sound: whoever sends more than an hour sends no voice note
MOST_PIXELS = 80_000_000  # of a picture that is opened for its turn

# What may be opened. Playlists are not among these: they would have other files and addresses opened.
SOUNDS = "ogg,mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,mp3,aac,amr,amrnb,amrwb,wav,flac"
PICTURES = "jpeg_pipe,png_pipe,webp_pipe,gif,bmp_pipe,tiff_pipe"
PLAYED_EVERYWHERE = frozenset({("mov", "aac"), ("aac", "aac"), ("mp3", "mp3float"), ("mp3", "mp3")})

About = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Made:
    """How a copy is written."""

    container: str
    codec: str
    rate: int
    bits: int


AAC = Made("ipod", "aac", 44_100, 64_000)
VOICE = Made("ogg", "libopus", 48_000, 32_000)  # what Telegram and WhatsApp show as a voice note


class TooLong(Exception):
    pass


def opened(content: bytes, formats: str) -> InputContainer:
    return av.open(io.BytesIO(content), "r", options={"format_whitelist": formats, "protocol_whitelist": "none"})


def picture(content: bytes) -> tuple[About, bytes]:
    """Its size as a browser shows it: with the turn that a camera noted."""
    with opened(content, PICTURES) as box:
        return size_of(box), b""


def size_of(box: InputContainer) -> About:
    stream = box.streams.video[0]
    width, height = stream.width, stream.height
    if 0 < width * height <= MOST_PIXELS:
        frame = next(box.decode(stream))
        width, height = frame.width, frame.height
        if frame.rotation % 180:
            width, height = height, width
    if not (width and height):
        raise ValueError("no picture")
    return {"width": width, "height": height}


def video(content: bytes) -> tuple[About, bytes]:
    with opened(content, SOUNDS) as box:
        seconds = box.duration / av.time_base if box.duration else None
        return size_of(box) | {"seconds": seconds}, b""


def audio(content: bytes) -> tuple[About, bytes]:
    """How long it is, and an AAC copy where some browser can't play it."""
    with opened(content, SOUNDS) as box:
        kind = (box.format.name.split(",")[0], box.streams.audio[0].codec_context.name)
    seconds, copy = recode(content, AAC)
    if kind in PLAYED_EVERYWHERE:
        copy = b""
    return {"seconds": seconds}, copy


def voice(content: bytes) -> tuple[About, bytes]:
    seconds, copy = recode(content, VOICE)
    return {"seconds": seconds}, copy


def recode(content: bytes, made: Made) -> tuple[float, bytes]:
    """Its length in seconds, and the copy in mono, which was opened again and found as long."""
    out = io.BytesIO()
    samples = 0.0
    with opened(content, SOUNDS) as source, av.open(out, "w", format=made.container) as target:
        stream = target.add_stream(made.codec, rate=made.rate, layout="mono")
        if not isinstance(stream, av.AudioStream):
            raise TypeError(made.codec)
        stream.bit_rate = made.bits
        for frame in source.decode(source.streams.audio[0]):
            samples += frame.samples / frame.sample_rate
            if samples > LONGEST:
                raise TooLong
            frame.pts = None
            target.mux(stream.encode(frame))
        target.mux(stream.encode(None))
    copy = out.getvalue()
    if not samples or abs(length_of(copy, made) - samples) > 0.5 + samples / 50:
        raise ValueError("the copy is not as long as the file")
    return samples, copy


def length_of(copy: bytes, made: Made) -> float:
    with opened(copy, SOUNDS) as box:
        stream = box.streams.audio[0]
        if stream.codec_context.codec.canonical_name != made.codec.removeprefix("lib"):
            raise ValueError("the copy is of another kind")
        return sum(frame.samples / frame.sample_rate for frame in box.decode(stream))


TASKS = {"picture": picture, "video": video, "audio": audio, "voice": voice}


def main() -> None:
    for limit, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 0),  # it writes no file
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (most, most))
    task = TASKS[sys.argv[1]]
    try:
        about, copy = task(sys.stdin.buffer.read())
    except TooLong:
        about, copy = {"problem": "too_long"}, b""
    sys.stdout.buffer.write(json.dumps(about).encode() + b"\n" + copy)


if __name__ == "__main__":
    main()
