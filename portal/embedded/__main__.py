"""`python -m portal.embedded remove` deletes the servers' data; with a descriptor, the supervisor runs."""

import sys

from portal.embedded import servers, supervisor

if __name__ == "__main__":
    if sys.argv[1:] == ["remove"]:
        servers.remove()
    else:
        supervisor.supervise(int(sys.argv[1]))
