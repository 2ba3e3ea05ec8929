# SPDX-License-Identifier: GPL-2.0-or-later
"""a CPU goes offline, and comes, while recording"""

import signal
import subprocess

import library

TOOLS = ("skbtrail", "trace-cmd")
ONLINE = "/sys/devices/system/cpu/cpu1/online"


def move_to(recording, cpu):
    """The traffic; until it has been there for a while."""
    subprocess.run(["taskset", "-pc", str(cpu), str(recording.numbers_pid())], check=False,
                   stdout=subprocess.DEVNULL)
    recording.record_for(0.7)


def finish(trial, recording):
    trial.mark_fault()
    recording.signal(signal.SIGINT)
    trial.expect_status(recording, 0, 130, 143)


def goes(trial):
    recording = trial.record(seconds=60)
    recording.until_recording()
    move_to(recording, 1)
    library.write(ONLINE, "0")
    recording.record_for(0.7)
    library.write(ONLINE, "1")
    move_to(recording, 1)
    finish(trial, recording)


def comes(trial):
    """There was none of it at the start: a tool may say that it does not record it."""
    library.write(ONLINE, "0")
    recording = trial.record(seconds=60)
    recording.until_recording()
    library.write(ONLINE, "1")
    move_to(recording, 1)
    finish(trial, recording)


def provoke(lab, row):
    for moment, change in ("goes, and comes back", goes), ("comes", comes):
        for i in range(3 if lab.is_ours else 1):
            with lab.trial(row, f"{moment} {i}") as trial:
                change(trial)
    library.write(ONLINE, "1")
