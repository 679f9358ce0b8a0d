"""`python -m api` is the command line.

Ctrl-C while the modules are still being read ends quietly: nothing has begun yet.
"""

import signal
import sys

signal.signal(signal.SIGINT, signal.SIG_DFL)

from api.cli import main  # noqa: E402 - read with Ctrl-C already tamed

signal.signal(signal.SIGINT, signal.default_int_handler)
sys.exit(main())
