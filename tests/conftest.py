"""What holds for every test: how many threads the number crunching may take."""

import os

# Each of several test processes would otherwise start a thread for every core.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")
