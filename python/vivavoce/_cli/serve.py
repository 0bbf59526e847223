"""Serve interviews over HTTP (needs the extra `web`).

It is for trying things on this machine, and for use behind a proxy that asks
people who they are. It has no tokens: whoever reaches it may read everything.
Nor has it rate limits or TLS.

A request names the host that it is for, and is refused where that is none of the
address given by --host, those of --allow-host and, on loopback, localhost.
"""

from __future__ import annotations

import argparse
import asyncio
import ipaddress
import json
import logging
import socket

from vivavoce import AsyncEngine, InvalidInputError, UnsupportedError
from vivavoce._cli.common import read_options, take_settings

_LOCAL = ("localhost", "127.0.0.1", "::1")


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
    parser.add_argument(
        "--allow-host",
        action="append",
        default=[],
        metavar="NAME",
        help="a host that requests may name, * for any; may be repeated; needed where --host is not loopback",
    )
    parser.add_argument(
        "--allow-base-url",
        action="append",
        default=[],
        metavar="URL",
        help="a service that X-OpenAI-Base-URL may lead to, by scheme, host and port; may be repeated",
    )
    take_settings(parser)


def run(options: argparse.Namespace) -> int:
    try:
        import uvicorn

        from vivavoce import _web
    except ImportError:
        raise UnsupportedError("serve needs the extra web: pip install 'vivavoce[web]'") from None
    is_local = _is_loopback(options.host)
    if not is_local and not options.allow_host:
        raise InvalidInputError("--host is not loopback: name the hosts that requests are for by --allow-host")
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    url, settings = read_options(options)
    engine = AsyncEngine(url, **settings)
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    with socket.create_server((options.host, options.port), family=family) as listener:
        # Here, for its errors to be told as those of all commands; the application closes it.
        asyncio.run(engine.open())
        port = listener.getsockname()[1]
        host = f"[{options.host}]" if family == socket.AF_INET6 else options.host
        url = f"http://{host}:{port}{options.base_path}"
        print(json.dumps({"url": url}) if options.json else f"Serving on {url}", flush=True)
        application = _web.app(
            engine,
            base_path=options.base_path,
            hosts={it.lower() for it in (options.host, *options.allow_host, *(_LOCAL if is_local else ()))},
            base_urls=options.allow_base_url,
        )
        config = uvicorn.Config(application, log_config=None, access_log=False)
        uvicorn.Server(config).run(sockets=[listener])
    return 0


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
