# Wrote arrays.npz and version2.npy, with NumPy 2.4.6: python3 make.py
import numpy as np
from numpy.lib import format

counting = np.arange(24).reshape(2, 3, 4)
np.savez_compressed(
    "arrays.npz",
    f4=(counting / 8).astype("<f4"),
    f8=np.asfortranarray((counting / 8).astype("<f8")),
    u1=np.asfortranarray((counting + 200).astype("u1")),
    i4=(-1000 * counting).astype(">i4"),
    i8=(counting * 10**12).astype("<i8"),
    scalar=np.float64(2.5),
    empty=np.zeros((0, 3), "f4"),
    text=np.array(["a"]),
    half=counting.astype("f2"))
with open("version2.npy", "wb") as file:
    format.write_array(file, counting.astype("<i4"), version=(2, 0))
