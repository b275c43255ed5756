"""Which kinds of files pages show, hand out and accept. Everything else is a download without a type."""

INLINE = frozenset({
    "image/jpeg", "image/png", "image/gif", "image/webp",
    "audio/ogg", "audio/mpeg", "audio/mp4", "audio/aac", "audio/wav", "audio/webm",
    "video/mp4", "video/webm", "video/ogg",
})  # fmt: skip
"""What a browser may show within our pages. HTML, SVG and PDF can carry scripts, so they are not here."""
DOWNLOAD = frozenset({"application/pdf", "text/plain", "text/vcard"})
PDF = "application/pdf"
SENDABLE = frozenset({
    "image/jpeg", "image/png", "image/webp", "application/pdf",
    "audio/ogg", "audio/mpeg", "audio/mp4", "video/mp4",
})  # fmt: skip
"""What staff may attach: kinds that every channel's provider takes."""


def plain_mime(mime: str | None) -> str:
    """Without parameters such as codecs."""
    return (mime or "").partition(";")[0].strip().lower()
