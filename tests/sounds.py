"""A tone in every kind of file that people's phones send, made here, so that no recording has to be kept."""

import array
import io
import math

import av

KINDS = {
    "ogg": ("ogg", "libopus", 48_000),  # Telegram's and WhatsApp's voice notes
    "m4a": ("ipod", "aac", 44_100),
    "amr": ("amr", "libopencore_amrnb", 8_000),
    "mp3": ("mp3", "libmp3lame", 44_100),
    "webm": ("webm", "libopus", 48_000),  # what Chromium and Firefox record
}


def tone(kind: str, seconds: float = 1.0) -> bytes:
    container, codec, rate = KINDS[kind]
    out = io.BytesIO()
    step = rate // 10
    wave = array.array("h", [int(8000 * math.sin(2 * math.pi * 440 * at / rate)) for at in range(step)]).tobytes()
    with av.open(out, "w", format=container) as target:
        stream = target.add_stream(codec, rate=rate, layout="mono")
        assert isinstance(stream, av.AudioStream)
        for _ in range(int(seconds * 10)):
            frame = av.AudioFrame(format="s16", layout="mono", samples=step)
            frame.planes[0].update(wave)
            frame.sample_rate = rate
            target.mux(stream.encode(frame))
        target.mux(stream.encode(None))
    return out.getvalue()


def about(content: bytes) -> tuple[str, str, int, float]:
    """Container, codec, channels and seconds of a recording."""
    with av.open(io.BytesIO(content), "r") as box:
        stream = box.streams.audio[0]
        seconds: float = sum(frame.samples / frame.sample_rate for frame in box.decode(stream))
        return box.format.name.split(",")[0], stream.codec_context.codec.canonical_name, stream.channels, seconds


def photo(width: int, height: int, *, lies: bool = False) -> bytes:
    """A JPEG; `lies`: the camera was held sideways and noted so."""
    out = io.BytesIO()
    with av.open(out, "w", format="mjpeg") as target:
        stream = target.add_stream("mjpeg", rate=1)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuvj420p"
        target.mux(stream.encode(av.VideoFrame(width, height, "yuvj420p")))
        target.mux(stream.encode(None))
    made = out.getvalue()
    if not lies:
        return made
    exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"
    return made[:2] + b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif + made[2:]
