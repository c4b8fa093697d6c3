"""What holds for every test: how many threads the number crunching may take, and no deadlines."""

import os

from hypothesis import settings

# Each of several test processes would otherwise start a thread for every core.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")

# How long an example takes says more about the machine than about the code.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
