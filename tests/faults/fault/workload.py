# SPDX-License-Identifier: GPL-2.0-or-later
"""the workload is killed, missing, no program, fails, daemonises"""

import os
import signal

import tools

TOOLS = ("skbtrail", "trace-cmd")


def killed(trial):
    recording = trial.record()
    recording.record_for(1)
    trial.mark_fault()
    for pid in tools.processes("numbers"):
        os.kill(pid, signal.SIGKILL)
    trial.expect_status(recording, 128 + signal.SIGKILL)


def started(trial, command, status):
    trial.may_lack_capture = True
    trial.expect_status(trial.record(command=command), status)


def daemon(trial):
    """What it leaves behind goes on; the recording is that of the command."""
    log = os.path.join(trial.folder, "numbers0")
    numbers = trial.lab.numbers
    recording = trial.record(command=["sh", "-c", f"setsid {numbers} {log} 5000 & sleep 1"])
    trial.expect_status(recording, 0)
    trial.expect(tools.processes("numbers"), "the daemon was ended too")
    # It went on sending while the recording was being finished.
    sent = list(recording.log.sent().values())
    trial.fault_ns = min(sent, default=0) + 500_000_000


def provoke(lab, row):
    with lab.trial(row, "killed") as trial:
        killed(trial)
    with lab.trial(row, "missing") as trial:
        started(trial, ["/nonexistent/command"], 127)
    with lab.trial(row, "not executable") as trial:
        started(trial, ["/etc/passwd"], 126)
    with lab.trial(row, "fails") as trial:
        started(trial, ["sh", "-c", "exit 3"], 3)
    with lab.trial(row, "daemonises") as trial:
        daemon(trial)
