"""`python -m edge.training`: train, compare, describe, evaluate and export the rows, write the report."""

from __future__ import annotations

import sys

from edge.training.commands.main import main

if __name__ == "__main__":
    sys.exit(main())
