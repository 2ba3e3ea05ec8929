# SPDX-License-Identifier: GPL-2.0-or-later
"""somebody switches tracing_on off"""

import foreign
import library

TOOLS = ("skbtrail", "trace-cmd")


def provoke(lab, row):
    """What was sent until then is there, and the recorder says what happened."""
    for i in range(2):
        with lab.trial(row, str(i)) as trial:
            recording = trial.record(seconds=3)
            recording.record_for(0.8)
            trial.mark_fault()
            for name in foreign.others():
                if name.startswith("instances/"):
                    library.write(f"{foreign.TRACEFS}/{name}/tracing_on", "0")
            trial.expect_status(recording, 0, 1)
            trial.expect("tracing" in recording.said() or "switched off" in recording.said(),
                         f"does not say it: {recording.said()[-200:]}")
