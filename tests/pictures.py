"""Pictures and papers as cameras, scanners and people with bad intentions make them."""

import io
import struct
import zlib
from datetime import datetime

import pikepdf
from PIL import ExifTags, Image

HERE = (3.2, -75.6)


def photo(
    size: tuple[int, int] = (2000, 1000),
    *,
    position: tuple[float, float] | None = None,
    taken: datetime | None = None,
    orientation: int = 1,
    maker: str = "",
) -> bytes:
    """Return a JPEG with the data a camera writes; its left half is red."""
    image = Image.new("RGB", size, "green")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    if maker:
        exif[ExifTags.Base.Artist] = maker
    if taken is not None:
        exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = (
            taken.strftime("%Y:%m:%d %H:%M:%S")
        )
    if position is not None:
        latitude, longitude = position
        exif.get_ifd(ExifTags.IFD.GPSInfo).update(
            {
                ExifTags.GPS.GPSLatitudeRef: "S" if latitude < 0 else "N",
                ExifTags.GPS.GPSLatitude: _sexagesimal(abs(latitude)),
                ExifTags.GPS.GPSLongitudeRef: "W" if longitude < 0 else "E",
                ExifTags.GPS.GPSLongitude: _sexagesimal(abs(longitude)),
            }
        )
    written = io.BytesIO()
    image.save(written, "JPEG", exif=exif)
    return written.getvalue()


def _sexagesimal(degrees: float) -> tuple[float, float, float]:
    minutes = degrees % 1 * 60
    return float(int(degrees)), float(int(minutes)), round(minutes % 1 * 60, 4)


def enormous_png(side: int = 12_000) -> bytes:
    """Return a PNG of 144 megapixels in a few hundred kilobytes; nothing unpacks it."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        check = zlib.crc32(kind + body)
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", check)

    packer = zlib.compressobj(9)
    row = b"\x00" + bytes(side // 8)
    body = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", body)
        + chunk(b"IEND", b"")
    )


def scheming_pdf() -> bytes:
    """Return a PDF that runs a script, launches a program and carries a file."""
    pdf = pikepdf.new()
    pdf.add_blank_page()
    script = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert('x')")
    pdf.Root.OpenAction = pdf.make_indirect(script)
    pdf.Root.Names = pikepdf.Dictionary(
        JavaScript=pikepdf.Dictionary(Names=pikepdf.Array(["x", script]))
    )
    launch = pikepdf.Dictionary(
        S=pikepdf.Name.Launch, Win=pikepdf.Dictionary(F="cmd.exe")
    )
    pdf.pages[0].Annots = pikepdf.Array(
        [
            pikepdf.Dictionary(
                Type=pikepdf.Name.Annot,
                Subtype=pikepdf.Name.Link,
                Rect=[0, 0, 9, 9],
                A=launch,
                AA=pikepdf.Dictionary(E=script),
            )
        ]
    )
    pdf.attachments["evil.exe"] = b"MZ"
    pdf.docinfo["/Author"] = "Somebody"
    written = io.BytesIO()
    pdf.save(written)
    return written.getvalue()


def locked_pdf() -> bytes:
    pdf = pikepdf.new()
    pdf.add_blank_page()
    written = io.BytesIO()
    pdf.save(written, encryption=pikepdf.Encryption(owner="a", user="b"))
    return written.getvalue()
