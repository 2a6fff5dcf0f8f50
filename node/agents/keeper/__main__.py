"""Run the keeper of a folder: `python -m node.agents.keeper --data DIR`."""

import sys

from node.agents.run import main

if __name__ == "__main__":
    sys.exit(main("keeper"))
