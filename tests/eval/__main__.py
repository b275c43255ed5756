"""`make eval`: prints the measures per language and kind, confusions and the calibration curve; 1 when a bar was missed.

`--mistakes` lists them; `--plain` trains scikit-learn's plain pipeline on the same examples and measures it beside ours.
"""

import resource
import sys
import time
from pathlib import Path
from typing import TextIO

from flows.understand import CONTENT_DIR, Understander, ensure_artefact, read_corpus
from tests.eval.bars import BARS
from tests.eval.measure import Report, calibration, measure, read_cases
from tests.eval.plain import measure_plain
from tests.live import TRAINED

CONFUSIONS = 15


def main() -> int:
    understander, seconds, megabytes = _load()
    cases = list(read_cases())
    report = measure(understander, cases)
    out = sys.stdout
    out.write(f"{len(report.times)} messages; calibrated: {understander.calibrated}\n")
    out.write(f"answer from {understander.answer_from:.3f}, offer from {understander.offer_from:.3f}\n")
    out.write(f"loaded in {seconds:.2f} s, {megabytes:.0f} MB more\n\n")
    _write_shares(report, out)
    out.write(
        "\nconfused most: " + ", ".join(f"{a} as {b} ({n})" for (a, b), n in report.confused.most_common(CONFUSIONS))
    )
    out.write("\ncalibration (sure, right, messages): ")
    out.write("  ".join(f"{sure:.2f} {right:.2f} {count}" for sure, right, count in calibration(report)) + "\n")
    out.write(f"ours: {_milliseconds(sorted(report.times))}\n")
    if "--plain" in sys.argv:
        plain = measure_plain(read_corpus(), cases)
        out.write(f"plain scikit-learn pipeline: topic {plain.topic:.3f}, {_milliseconds(plain.times)}\n")
    if "--mistakes" in sys.argv:
        out.write("\n".join(report.mistakes) + "\n")
    low = [name for name, bar in BARS.items() if report.tallies["all"].share(name) < bar]
    out.write(f"under the bar: {', '.join(low)}\n" if low else "all bars held\n")
    return 1 if low else 0


def _milliseconds(times: list[float]) -> str:
    return f"median {times[len(times) // 2]:.2f} ms a message, 99th percentile {times[int(len(times) * 0.99)]:.2f} ms"


def _load() -> tuple[Understander, float, float]:
    path = ensure_artefact(CONTENT_DIR, TRAINED)
    before, began = _resident(), time.perf_counter()
    understander = Understander.load(path)
    return understander, time.perf_counter() - began, _resident() - before


def _resident() -> float:
    """Megabytes of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def _write_shares(report: Report, out: TextIO) -> None:
    names = list(BARS)
    out.write(f"{'':8}" + "".join(f"{name[:13]:>14}" for name in names) + "\n")
    for group, tally in report.tallies.items():
        shares = (f"{tally.share(name):14.3f}" if tally.values[name] else f"{'':14}" for name in names)
        out.write(f"{group:8}" + "".join(shares) + "\n")


if __name__ == "__main__":
    raise SystemExit(main())
