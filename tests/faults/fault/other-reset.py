# SPDX-License-Identifier: GPL-2.0-or-later
"""another tool resets all of tracefs (trace-cmd reset)"""

import tools

TOOLS = ("skbtrail", "trace-cmd")


def provoke(lab, row):
    """Nothing can be promised of what is left to record; but it ends well, with what it had."""
    for i in range(2):
        with lab.trial(row, str(i)) as trial:
            recording = trial.record(seconds=3)
            recording.record_for(0.8)
            trial.mark_fault()
            tools.run(["trace-cmd", "reset"])
            trial.expect_status(recording, 0, 1)
            # What it did to the others' use is not the recorder's.
            trial.is_others_state = True
