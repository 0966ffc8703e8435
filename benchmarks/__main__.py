"""`python -m benchmarks [ROW …] [--repeat 5] [--quick]`: measure rows, print ratios, keep them."""

from __future__ import annotations

import argparse
import sys

from benchmarks import harness, results

BUSY = 0.5  # other work on the machine, in cores


def main() -> int:
    """0 when every row was measured, won or lost; 1 when one could not be or went wrong; 2 for a row that does not exist."""
    rows = harness.rows()
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"which rows; all when none is named: {', '.join(rows)}")
    parser.add_argument("--repeat", type=int, default=0, help="runs of each side; 5, or 1 when quick")
    parser.add_argument("--quick", action="store_true", help="small runs: does everything work? Keeps nothing")
    given = parser.parse_args()
    unknown = [name for name in given.rows if name not in rows]
    if unknown or given.repeat < 0:
        wrong = f"no row {unknown[0]!r}; there are: {', '.join(rows)}" if unknown else "--repeat must be at least 1"
        print(wrong, file=sys.stderr)
        return 2
    here = results.machine()
    if here["load"] > BUSY:
        print(
            f"the machine is busy (load {here['load']}): do not believe the numbers, peers suffer most", file=sys.stderr
        )
    reached = []
    for name in given.rows or rows:
        row = harness.measure(name, rows[name], given.repeat or (1 if given.quick else 5), given.quick)
        print(f"{name}: {row['goal']}: {row['reached']}: {results.ratios(row)}", flush=True)
        for side, one in row["sides"].items():
            print(f"  {side}: {one['none']}" if "none" in one else f"  {side}: {_times(one)}", flush=True)
        if not given.quick:
            results.save(results.merge({name: row}, here))
        reached.append(row["reached"])
    return int(any(one not in ("yes", "no", "told") for one in reached))


def _times(side: dict) -> str:
    """Compile and steady time of a side, its memory and how well it did."""
    steady = [f"steady {1e6 * side['steady']['median']:.0f} µs a step"] if "steady" in side else []
    compiled = [f"compile {side['compile']['median']:.2f} s"] if "compile" in side else []
    scores = [f"{name} {value:.4f}" for name, value in side["quality"].items()]
    return ", ".join([*compiled, *steady, f"peak {side['peak_mb']['median']:.0f} MB", *scores])


if __name__ == "__main__":
    sys.exit(main())
