# SPDX-License-Identifier: GPL-2.0-or-later
"""a bound (-m) that is recorded through many times"""

import re

TOOLS = ("skbtrail", "trace-cmd")
BOUND_KB = 64


def provoke(lab, row):
    """What is older than the bound may go; the newest may not."""
    for is_killed in False, True:
        with lab.trial(row, "killed" if is_killed else "ends") as trial:
            trial.only_newest = True
            recording = trial.record("-m", str(BOUND_KB), seconds=6, gap_us=500)
            recording.record_for(5)
            if is_killed:
                trial.killed(recording)
            else:
                trial.expect_status(recording, 0)
                kept_kb = re.search(r"([0-9]+) KB of ([0-9]+) CPU", recording.said())
                trial.expect(kept_kb and int(kept_kb[1]) <= int(kept_kb[2]) * (BOUND_KB + 4),
                             f"keeps {kept_kb and kept_kb[0]}")
