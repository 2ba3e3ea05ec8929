# SPDX-License-Identifier: GPL-2.0-or-later
"""somebody removes the instance whenever the kernel lets him"""

import contextlib
import os

import foreign

TOOLS = ("skbtrail", "trace-cmd")


def remove_until_over(recording):
    """While a file of it is open the kernel refuses: it goes in set-up, or at the end."""
    nr_removed = 0
    while not recording.is_over():
        for name in os.listdir(f"{foreign.TRACEFS}/instances"):
            if name != foreign.INSTANCE:
                with contextlib.suppress(OSError):
                    os.rmdir(f"{foreign.TRACEFS}/instances/{name}")
                    nr_removed += 1
    return nr_removed


def provoke(lab, row):
    for i in range(5):
        with lab.trial(row, str(i)) as trial:
            recording = trial.record(seconds=0.5)
            trial.phase = "removed" if remove_until_over(recording) else "busy"
            trial.expect_status(recording, 0, 1)
            trial.may_lack_capture = True
