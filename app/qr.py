"""QR codes for pages and posters."""

import io

import segno


def qr_svg(address: str) -> bytes:
    """A QR code that stands on its own: dark on white also where the page is dark."""
    out = io.BytesIO()
    code = segno.make(address, error="m", micro=False)
    code.save(
        out, kind="svg", scale=4, border=4, dark="#000", light="#fff", xmldecl=False, svgclass=None, lineclass=None
    )
    return out.getvalue()
