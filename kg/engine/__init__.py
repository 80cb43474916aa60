"""Public queries, each in a worker process that can be killed and can reach nothing.

The process that has loaded the store forks a supervisor, the supervisor forks the workers, and all share the
store copy-on-write. A page worker asks over a unix socket in a private folder, whose backlog is the queue.
The kernel ends a query: a timer, a memory limit, or the page worker hanging up. The supervisor puts a new
worker in the place of each that ends, and nobody outlives the process that called `start`.
"""

from kg.engine.client import Engine
from kg.engine.messages import Answer

__all__ = ["Answer", "Engine"]
