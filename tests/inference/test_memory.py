import ctypes
import mmap
import subprocess
import sys
from pathlib import Path

from edge.inference.memory import give_back_code

CODE = """
import cv2, numpy
from pathlib import Path
from edge.inference.memory import bound_arenas, give_back, give_back_code

def from_files():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("RssFile"))

bound_arenas()
picture = numpy.full((64, 64, 3), 7, numpy.uint8)
before, first = from_files(), cv2.resize(picture, (32, 32))
give_back()
give_back_code()
after, second = from_files(), cv2.resize(picture, (32, 32))
assert (first == second).all()
print(before, after)
"""


def test_code_of_libraries_that_only_the_start_ran_is_resident_no_more_and_runs_on() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    before, after = map(int, done.stdout.split())
    assert after < 0.8 * before


def test_code_that_somebody_wrote_to_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "library"
    file.write_bytes(bytes(4 * mmap.PAGESIZE))
    with file.open("rb") as opened:
        mapped = mmap.mmap(opened.fileno(), 0, mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_WRITE)
    mapped[mmap.PAGESIZE] = 7
    there = ctypes.addressof(ctypes.c_char.from_buffer(mapped))
    code = mmap.PROT_READ | mmap.PROT_EXEC
    libc = ctypes.CDLL(None)
    assert libc.mprotect(ctypes.c_void_p(there), ctypes.c_size_t(len(mapped)), code) == 0
    give_back_code()
    assert mapped[mmap.PAGESIZE] == 7
