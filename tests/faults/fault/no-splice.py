# SPDX-License-Identifier: GPL-2.0-or-later
"""an output on 9p, without splice or copies in the kernel"""

import os

TOOLS = ("skbtrail", "trace-cmd")


def provoke(lab, row):
    output = os.path.join(lab.outdir, "no-splice.dat")
    for is_killed in False, True:
        with lab.trial(row, "killed" if is_killed else "ends") as trial:
            recording = trial.record(output=output, seconds=1.5)
            if is_killed:
                recording.record_for(1.3)
                trial.killed(recording)
            else:
                trial.expect_status(recording, 0)
        if os.path.exists(output):
            os.unlink(output)
