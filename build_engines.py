#!/usr/bin/env python3
"""Compile the models of engines/ for this machine; `build_engines.py --help` lists the options."""

import sys

from edge.commands.build_engines import main

if __name__ == "__main__":
    sys.exit(main())
