"""`python -m fsb_oracle` is `fsb-oracle`."""

import sys

from fsb_oracle.cli import main

sys.exit(main())
