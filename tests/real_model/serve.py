#!/usr/bin/env python3
"""Serves a model by llama.cpp's own server, compatible with OpenAI's, on loopback: serve.py MODEL PORT. Says `ready` when it does."""

import signal
import sys

import xllamacpp

params = xllamacpp.CommonParams()
params.model.path = sys.argv[1]
params.port = int(sys.argv[2])
params.hostnames = ["127.0.0.1"] if isinstance(params.hostnames, list) else params.hostnames
params.n_ctx, params.n_parallel = 4096, 1
# What a prompt is answered with must not hang on which one came before it: with a cache of beginnings, sums come out in another order.
params.cache_prompt, params.cache_ram_mib = False, 0
# With more threads on a busy machine it is slower, not faster.
params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
server = xllamacpp.Server(params)
print("ready", flush=True)
signal.sigwait({signal.SIGTERM, signal.SIGINT})
