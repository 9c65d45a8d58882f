"""``python -m copydesk.inference`` is ``copydesk``."""

import sys

from copydesk.inference.cli import main

sys.exit(main())
