"""`python -m vivavoce`: the command line."""

from __future__ import annotations

import sys

from vivavoce._cli import main

if __name__ == "__main__":
    sys.exit(main())
