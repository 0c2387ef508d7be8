"""The benchmark's images: JPEG headers with noise behind them, of lognormal sizes, the same every time."""

import math
import pathlib
import random
import struct

MEDIAN_BYTES = 60_000
# A mean of 90 KB: exp(sigma^2 / 2) = 1.5
SIGMA = math.sqrt(2 * math.log(1.5))


def jpeg(size: int, noise: random.Random) -> bytes:
    """Bytes that start like a JPEG of 800 by 600, `size` of them."""
    head = (
        b"\xff\xd8\xff\xe0" + struct.pack(">H", 16) + b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"
        + b"\xff\xc0" + struct.pack(">HBHHB", 17, 8, 600, 800, 3) + b"\x01\x22\0\x02\x11\x01\x03\x11\x01"
        + b"\xff\xda" + struct.pack(">H", 12) + b"\x03\x01\0\x02\x11\x03\x11\0\x3f\0"
    )
    return head + noise.randbytes(max(0, size - len(head) - 2)) + b"\xff\xd9"


def make(folder: pathlib.Path, count: int) -> int:
    """Writes the files f0000.jpg and so on, and returns their bytes in all."""
    folder.mkdir(parents=True, exist_ok=True)
    noise = random.Random(20)
    total = 0
    for number in range(count):
        size = min(2_000_000, max(1_000, int(noise.lognormvariate(math.log(MEDIAN_BYTES), SIGMA))))
        data = jpeg(size, noise)
        (folder / f"f{number:04}.jpg").write_bytes(data)
        total += len(data)
    return total
