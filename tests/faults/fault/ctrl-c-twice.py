# SPDX-License-Identifier: GPL-2.0-or-later
"""Ctrl-C of the terminal, and again while it finishes"""

import os
import signal

import library

TOOLS = ("skbtrail", "trace-cmd")


def provoke(lab, row):
    """The whole group of processes is told, as by a terminal."""
    _, end_s = lab.measure()
    for i in range(5):
        seconds = lab.random.random() * end_s
        with lab.trial(row, f"{i} after {seconds:.3f} s") as trial:
            recording = trial.record()
            recording.record_for(1)
            trial.mark_fault()
            group = os.getpgid(recording.process.pid)
            os.killpg(group, signal.SIGINT)
            for _ in range(2):
                library.wait_for(recording.is_over, seconds)
                if not recording.is_over():
                    os.killpg(group, signal.SIGINT)
            trial.expect_status(recording, 0, 128 + signal.SIGINT)
