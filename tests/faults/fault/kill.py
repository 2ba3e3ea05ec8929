# SPDX-License-Identifier: GPL-2.0-or-later
"""kill -9 at a random moment"""

import random

import library

TOOLS = ("skbtrail", "trace-cmd")
WHEN_NAMED = True
NR_MOMENTS = {"skbtrail": 50, "trace-cmd": 10}
RECORD_S = 1.6


def kill_at(trial, part, seconds):
    """@seconds after the begin of a part of the recording's life."""
    recording = trial.record(seconds=RECORD_S)
    if part != "set-up":
        recording.until_recording()
    if part == "end":
        recording.until_workload_ends()
    library.wait_for(recording.is_over, seconds)
    trial.killed(recording)
    # It was quicker than the one that was measured: nothing was provoked.
    trial.count = int(trial.phase != "over")


def provoke(lab, row):
    """A quarter while setting up, a quarter while recording, the rest from the stop on."""
    set_up_s, end_s = lab.measure()
    for i in lab.share(NR_MOMENTS[lab.tool.name]):
        part, length = (("set-up", set_up_s), ("recording", RECORD_S), ("end", end_s),
                        ("end", end_s))[i % 4]
        # A fixed moment for each number, whichever part of them is run.
        draw = random.Random(lab.seed * 1000 + i)
        # One that came too late, because it went faster than when it was measured, is drawn again.
        for earlier in 1, 2, 4:
            seconds = draw.uniform(0, 0.9) * length / earlier
            with lab.trial(row, f"{i} {part} + {seconds:.3f} s") as trial:
                kill_at(trial, part, seconds)
            if trial.count:
                break
