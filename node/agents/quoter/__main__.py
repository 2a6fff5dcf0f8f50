"""Run the quoter of a folder: `python -m node.agents.quoter --data DIR`."""

import sys

from node.agents.run import main

if __name__ == "__main__":
    sys.exit(main("quoter"))
