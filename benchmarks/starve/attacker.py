"""The attacker, in a process of its own: ``python -m benchmarks.starve.attacker ROW PORT``.

It prints ``ready`` once it has what it sends, waits for a line, attacks, and prints as JSON what it was answered.
"""

import asyncio
import json
import sys

from benchmarks.starve.rows import ROWS


async def attack(row: str, port: int) -> None:
    """Play the attack of a row."""
    play = ROWS[row].attack()
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    print(json.dumps(await play(port)))


if __name__ == "__main__":
    asyncio.run(attack(sys.argv[1], int(sys.argv[2])))
