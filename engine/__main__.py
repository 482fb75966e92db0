"""The second front end: `python -m engine` runs the commands without a window."""

import sys

from engine.commands import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
