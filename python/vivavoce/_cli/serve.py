"""Serve interviews over HTTP (needs the extra `web`).

Nobody is asked who they are: serve on loopback, or behind what does.
"""

from __future__ import annotations

import argparse
import json
import logging
import socket

from vivavoce import UnsupportedError
from vivavoce._cli.common import open_engine, take_settings


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="default: 127.0.0.1")
    parser.add_argument(
        "--port",
        type=int,
        choices=range(65536),
        default=8080,
        metavar="PORT",
        help="0 for any that is free (default: 8080)",
    )
    parser.add_argument("--base-path", default="/api", metavar="PATH", help="default: /api")
    take_settings(parser)


def run(options: argparse.Namespace) -> int:
    try:
        import uvicorn

        from vivavoce import _web
    except ImportError:
        raise UnsupportedError("serve needs the extra web: pip install 'vivavoce[web]'") from None
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    with open_engine(options) as engine:
        family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
        with socket.create_server((options.host, options.port), family=family) as listener:
            port = listener.getsockname()[1]
            host = f"[{options.host}]" if family == socket.AF_INET6 else options.host
            url = f"http://{host}:{port}{options.base_path}"
            print(json.dumps({"url": url}) if options.json else f"Serving on {url}", flush=True)
            config = uvicorn.Config(
                _web.app(engine, base_path=options.base_path), log_config=None, access_log=False
            )
            uvicorn.Server(config).run(sockets=[listener])
    return 0
