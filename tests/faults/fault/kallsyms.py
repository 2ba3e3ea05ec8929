# SPDX-License-Identifier: GPL-2.0-or-later
"""/proc/kallsyms changes: modules come and go"""

import subprocess

TOOLS = ("skbtrail", "trace-cmd")
# A modprobe that runs when it is told to end is waited for.
LOOP = "trap exit TERM; while :; do modprobe dummy numdummies=0; modprobe -r dummy; done"


def provoke(lab, row):
    for i in range(2):
        with subprocess.Popen(["sh", "-c", LOOP], stderr=subprocess.DEVNULL) as loop:
            with lab.trial(row, str(i)) as trial:
                trial.expect_status(trial.record(seconds=1.5), 0)
                loop.terminate()
                loop.wait()
                subprocess.run(["modprobe", "-rq", "dummy"], check=False)
