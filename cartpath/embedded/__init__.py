"""PostgreSQL, a broker and a supervisor for `make demo` and `make test`; production uses real servers.

Nothing here imports another room of CARTPath, and no other room imports this one (see ADR 0002).
"""
