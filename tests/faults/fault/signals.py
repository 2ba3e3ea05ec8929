# SPDX-License-Identifier: GPL-2.0-or-later
"""SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE"""

import signal

import library

TOOLS = ("skbtrail", "trace-cmd")
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGPIPE)
MOMENTS = {"skbtrail": ("set-up", "recording", "end"), "trace-cmd": ("recording",)}


def wait_until(lab, recording, part):
    set_up_s, end_s = lab.measure()
    if part == "set-up":
        library.wait_for(recording.is_over, lab.random.uniform(0.2, 0.9) * set_up_s)
    if part == "recording":
        recording.record_for(1.2)
    if part == "end":
        recording.until_workload_ends()
        library.wait_for(recording.is_over, lab.random.uniform(0.1, 0.9) * end_s)


def provoke(lab, row):
    lab.measure()
    for number in SIGNALS:
        for part in MOMENTS[lab.tool.name]:
            with lab.trial(row, f"{number.name} {part}") as trial:
                seconds = 60 if part == "recording" else 1.5
                recording = trial.record(seconds=seconds)
                wait_until(lab, recording, part)
                trial.mark_fault()
                recording.signal(number)
                # Of a workload that it ended: SIGTERM's.  Of one that was already over: 0.
                trial.expect_status(recording, 0, 128 + signal.SIGTERM, 128 + number)
                trial.may_lack_capture = part == "set-up"
