# SPDX-License-Identifier: GPL-2.0-or-later
"""kill -9, and again of reset and recover"""

import subprocess

import library

NR_MOMENTS = 6


def kill_after(argv, seconds):
    with subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        library.wait_for(lambda: process.poll() is not None, seconds)
        process.kill()


def provoke(lab, row):
    for i in range(NR_MOMENTS):
        with lab.trial(row, str(i)) as trial:
            recording = trial.record()
            recording.record_for(1.5)
            trial.killed(recording)
            trial.stop_workloads()
            kill_after([lab.tool.exe, "reset"], lab.random.random())
            kill_after([lab.tool.exe, "recover", recording.output], lab.random.random() * 0.5)
