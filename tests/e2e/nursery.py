"""A process that has the product loaded, and forks the servers that tests kill from there.

To load it takes several seconds, and some tests start a dozen servers. A fork is a
process of its own: it opens the database itself, and dies as any other does. Each line
of the standard input is a server to be: its port, its log, its environment as JSON. The
answer is its process id.
"""

import gc
import json
import os
import signal
import sys
from collections.abc import Mapping
from typing import Any

gc.disable()

from api.cli import main  # noqa: E402 - as api/__main__.py does
from api.packaged_edition import packaged  # noqa: E402


def nurse() -> None:
    packaged()
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for who was killed
    for line in sys.stdin:
        born = os.fork()
        if born == 0:
            live(json.loads(line))
        print(born, flush=True)  # noqa: T201 - this is how it speaks


def live(wanted: Mapping[str, Any]) -> None:
    """Be a server until killed, or told to end."""
    log = os.open(wanted["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.dup2(os.open(os.devnull, os.O_RDONLY), sys.stdin.fileno())
    os.dup2(log, sys.stdout.fileno())
    os.dup2(log, sys.stderr.fileno())
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.environ.clear()
    os.environ.update(wanted["environment"])
    gc.enable()
    os._exit(main(["serve", "--port", str(wanted["port"])]))


nurse()
