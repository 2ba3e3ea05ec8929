# SPDX-License-Identifier: GPL-2.0-or-later
"""stdin, stdout and stderr closed, full, a broken pipe"""

import os

TOOLS = ("skbtrail", "trace-cmd")


def close(*numbers):
    for number in numbers:
        os.close(number)


def broken_pipe():
    ends = os.pipe()
    os.dup2(ends[1], 2)
    os.dup2(ends[1], 1)
    os.close(ends[0])
    os.close(ends[1])


def full():
    fd = os.open("/dev/full", os.O_WRONLY)
    os.dup2(fd, 1)
    os.dup2(fd, 2)


def provoke(lab, row):
    """Nothing that is meant for the terminal may land in a file that took its number."""
    for moment, prepare in (("all closed", lambda: close(0, 1, 2)), ("stderr", lambda: close(2)),
                            ("broken pipe", broken_pipe), ("full", full)):
        with lab.trial(row, moment) as trial:
            recording = trial.record(seconds=1, preexec_fn=prepare)
            trial.expect_status(recording, 0)
