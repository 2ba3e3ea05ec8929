# SPDX-License-Identifier: GPL-2.0-or-later
"""two recordings side by side, one of them killed"""

import os
import signal

import library

TOOLS = ("skbtrail", "trace-cmd")


def provoke(lab, row):
    """reset undoes the dead one's, while the other goes on."""
    for i in range(2):
        with lab.trial(row, str(i)) as trial:
            lives = trial.record(seconds=60)
            lives.record_for(0.3)
            begun = os.path.join(trial.folder, "begun")
            dies = trial.record(output=os.path.join(trial.folder, "other.dat"),
                                command=["sh", "-c", f"touch {begun}; exec sleep 60"])
            library.wait_for(lambda path=begun: os.path.exists(path))
            library.wait_for(lives.is_over, 1.5)
            dies.process.kill()
            dies.end()
            trial.complain_if(lab.tool.reset())
            trial.expect(not lives.is_over(), "reset ended the living one")
            lives.record_for(0.5)
            trial.mark_fault()
            lives.signal(signal.SIGINT)
            trial.expect_status(lives, 0, 130, 143)
            trial.complain_if(lab.tool.recover(dies.output))
