"""Images made on the spot: real PNG files of any size, different for every name, and a few of other types."""

import functools
import hashlib
import struct
import zlib

PNG_WIDTH, PNG_HEIGHT = 16, 12
SMALLEST_PNG = 300


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _padding(name: str, count: int) -> bytes:
    # Hashing 20 MiB takes long; one hashed block, repeated, is as unique.
    block = hashlib.shake_128(name.encode()).digest(min(count, 4096))
    return (block * (count // max(len(block), 1) + 1))[:count]


@functools.lru_cache(maxsize=32)
def png(name: str, size: int, width: int = PNG_WIDTH, height: int = PNG_HEIGHT) -> bytes:
    """A whole PNG file of exactly `size` bytes; the same for the same arguments."""
    pixels = hashlib.shake_128(b"pixels" + name.encode()).digest(width * height)
    rows = b"".join(b"\0" + pixels[row * width : (row + 1) * width] for row in range(height))
    head = b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    tail = _chunk(b"IDAT", zlib.compress(rows, 0)) + _chunk(b"IEND", b"")
    padding = size - len(head) - len(tail) - 12
    if padding < 0:
        raise ValueError(f"a PNG of {size} bytes is too small to be made here")
    return head + _chunk(b"paDd", _padding(name, padding)) + tail


GIF = bytes.fromhex("474946383961030002008000000000 00ffffff2c00000000030002000002028451003b")
BMP = (
    struct.pack("<2sIHHIIiiHHIIiiII", b"BM", 58, 0, 0, 54, 40, 1, 1, 1, 24, 0, 4, 2835, 2835, 0, 0)
    + b"\0\0\xff\0"
)
SVG = b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg" width="30" height="20"><title>x</title></svg>\n'
HTML = b"<!DOCTYPE html><html><head><title>Not here</title></head><body>Gone fishing</body></html>"
JSON = b'{"error": "no such picture"}'


@functools.lru_cache(maxsize=1)
def svg_bomb() -> bytes:
    """A gzip file of about 256 KB that unfolds to an SVG of 256 MiB."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, 31)
    pieces = [compressor.compress(SVG[:-8])]
    blank = b" " * (1 << 20)
    pieces += [compressor.compress(blank) for _ in range(256)]
    pieces += [compressor.compress(b"</svg>\n"), compressor.flush()]
    return b"".join(pieces)
