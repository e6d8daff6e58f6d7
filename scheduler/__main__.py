"""`python -m scheduler`: a worker process that takes orders on its standard input.

A module of its own, so that reader processes, which load their parent's main module, do not load the crawler.
"""

if __name__ == "__main__":
    from scheduler.worker import serve_stdin

    raise SystemExit(serve_stdin())
