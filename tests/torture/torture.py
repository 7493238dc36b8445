#!/usr/bin/env python3
"""What kai must survive, for long: traffic of every kind, and kills at any moment, of a real server on
loopback. `make torture` runs it in full, and then each fuzzer."""

import argparse
import asyncio
import pathlib
import subprocess
import sys
import time

import kills
import traffic
from server import Broken


def options_of(words):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kai", type=pathlib.Path, required=True, help="the program")
    parser.add_argument("--worker", type=pathlib.Path, required=True, help="kai-worker")
    parser.add_argument("--models", type=pathlib.Path, default=None,
                        help="folder of the starter models, for kills of real workers; none: left "
                             "out")
    parser.add_argument("--seconds", type=float, default=1800, help="of traffic (1800); 0: none")
    parser.add_argument("--kills", type=int, default=1000,
                        help="of kai (1000); a tenth as many of workers, a twentieth of kai with "
                             "real models; 0: none")
    parser.add_argument("--idle", type=int, default=10000, help="event streams beside no traffic")
    parser.add_argument("--fuzz", type=int, default=600, help="seconds of each fuzzer; 0: none")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args(words)


async def run(options):
    if options.seconds > 0:
        await traffic.run(options)
    if options.kills > 0:
        await kills.run(options)


def main():
    options = options_of(sys.argv[1:])
    begun = time.monotonic()
    try:
        asyncio.run(run(options))
    except Broken as promise:
        print(f"torture.py: {promise}\nseed {options.seed}", file=sys.stderr)
        return 1
    if options.fuzz > 0:
        fuzz = pathlib.Path(__file__).resolve().parent.parent / "fuzz" / "run.sh"
        status = subprocess.run([fuzz, str(options.fuzz)], check=False).returncode
        if status != 0:
            return status
    print(f"nothing broke in {time.monotonic() - begun:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
