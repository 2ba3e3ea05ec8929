# SPDX-License-Identifier: GPL-2.0-or-later
"""none: the workload ends"""

TOOLS = ("skbtrail", "trace-cmd")


def provoke(lab, row):
    with lab.trial(row) as trial:
        recording = trial.record(seconds=1.5)
        trial.expect_status(recording, 0)
