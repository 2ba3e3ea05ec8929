# SPDX-License-Identifier: GPL-2.0-or-later
"""an ordinary user; tracefs is not mounted"""

import subprocess

import foreign

TOOLS = ("skbtrail", "trace-cmd")


def provoke(lab, row):
    with lab.trial(row, "user nobody") as trial:
        trial.needs_capture = False
        recording = trial.record(output="/dev/shm/nobody.dat", command=["true"], user=65534,
                                 group=65534, cwd="/dev/shm")
        trial.expect_status(recording, 1)
    subprocess.run(["umount", "-l", "/sys/kernel/tracing"], check=True)
    with lab.trial(row, "no tracefs") as trial:
        trial.needs_capture = False
        recording = trial.record(command=["true"], preexec_fn=None)
        # It may mount what is missing where it belongs.
        status = recording.end()
        trial.expect(status in (0, 1), f"exit status {status}")
        subprocess.run(["umount", "-l", "/sys/kernel/tracing"], check=False,
                       stderr=subprocess.DEVNULL)
        subprocess.run(["mount", "-t", "tracefs", "none", foreign.TRACEFS], check=True)
