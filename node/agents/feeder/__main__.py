"""Run the feeder of a node's folder: `python -m node.agents.feeder --data DIR/NAME`."""

import sys

from node.agents.feeder.run import main

if __name__ == "__main__":
    sys.exit(main())
