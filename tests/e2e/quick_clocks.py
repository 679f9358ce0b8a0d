"""A nursery of processes to be killed: it has everything loaded and forks on demand.

A line `serve PORT` on its standard input is answered with the process id of a server as
it is, `work` with that of a worker; both look at clocks every second. So a test can kill
twenty of them without waiting a minute for Python to load.
"""

import os
import signal
import sys
from datetime import timedelta

from api.cli import main
from api.packaged_edition import packaged
from compliance.clocks import working

working.EVERY = timedelta(seconds=1)


def nurse() -> None:
    packaged()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for who was killed
    print("ready", flush=True)  # noqa: T201 - this is how it speaks
    for line in sys.stdin:
        born = os.fork()
        if born == 0:
            live(line.split())
        print(born, flush=True)  # noqa: T201


def live(words: list[str]) -> None:
    """Be a server or a worker until killed, or told to end."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    arguments = ["worker"] if words == ["work"] else ["serve", "--port", words[1]]
    os._exit(main(arguments))


nurse()
