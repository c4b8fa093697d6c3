"""`python -m edge` is the command `emotion-edge`."""

import sys

from edge.commands.main import main

if __name__ == "__main__":
    sys.exit(main())
