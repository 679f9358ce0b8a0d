"""`python -m api` is the command line.

Ctrl-C while the modules are still being read ends quietly: nothing has begun yet. What
is read then lives as long as the process, so nothing of it is looked at for garbage.
"""

import gc
import signal
import sys

signal.signal(signal.SIGINT, signal.SIG_DFL)
gc.disable()

from api.cli import main  # noqa: E402 - read with Ctrl-C already tamed

gc.freeze()
gc.enable()
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.exit(main())
