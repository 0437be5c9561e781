"""make_lmdb.py FOLDER: lq.lmdb and gt.lmdb in BasicSR's form, with the `lmdb` of PyPI and Pillow.

The pictures are a formula, which the tests know too. lock.mdb is left out: it belongs to the machine.
"""

import io
import os
import sys

import lmdb
import numpy as np
from PIL import Image


def picture(i, salt):
    """Noise of a formula; every fourth is large enough for pages of its own."""
    height, width = (30, 40) if i % 4 == 3 else (16, 16 + i % 3)
    y, x, c = np.meshgrid(*(np.arange(n, dtype=np.uint32) for n in (height, width, 3)), indexing="ij")
    mixed = x * np.uint32(374761393) + y * np.uint32(668265263) + (c + np.uint32(i * 3)) * np.uint32(974711)
    mixed = (mixed ^ (mixed >> np.uint32(13))) * np.uint32(1274126177)
    return ((mixed >> np.uint32(16)) + np.uint32(salt)).astype(np.uint8)


def png(array):
    buffer = io.BytesIO()
    Image.fromarray(array).save(buffer, "png", compress_level=1)
    return buffer.getvalue()


def make(folder, keys, salt):
    environment = lmdb.open(folder, map_size=1 << 22)
    lines = []
    # BasicSR commits every some thousand pictures; a commit begins new pages.
    for start in range(0, len(keys), 5):
        with environment.begin(write=True) as transaction:
            for i in range(start, min(start + 5, len(keys))):
                array = picture(i, salt)
                transaction.put(keys[i].encode("ascii"), png(array))
                height, width, channels = array.shape
                lines.append(f"{keys[i]}.png ({height},{width},{channels}) 1\n")
    environment.close()
    os.remove(os.path.join(folder, "lock.mdb"))
    with open(os.path.join(folder, "meta_info.txt"), "w") as file:
        file.writelines(lines)


def main():
    # The keys of BasicSR's sub-images, and those of clips, which have folders in them.
    keys = [f"{i // 3 + 1:04d}_s{i % 3 + 1:03d}" for i in range(7)] + ["000/00000000", "000/00000001"]
    for name, salt in [("lq", 5), ("gt", 0)]:
        make(os.path.join(sys.argv[1], name + ".lmdb"), keys, salt)


if __name__ == "__main__":
    main()
