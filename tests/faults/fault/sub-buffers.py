# SPDX-License-Identifier: GPL-2.0-or-later
"""sub-buffers of 16 KB, in an instance that the user made"""

import os

import foreign
import library

NAME = "large"


def provoke(lab, row):
    path = f"{foreign.TRACEFS}/instances/{NAME}"
    if not os.path.exists(f"{foreign.TRACEFS}/buffer_subbuf_size_kb"):
        raise library.Skip("this kernel has 4 KB only")
    os.mkdir(path)
    library.write(f"{path}/buffer_subbuf_size_kb", "16")
    lab.before = lab.read_state()
    for is_killed in False, True:
        with lab.trial(row, "killed" if is_killed else "ends") as trial:
            recording = trial.record("-B", NAME, seconds=1.5)
            if is_killed:
                recording.record_for(1.3)
                trial.killed(recording)
            else:
                trial.expect_status(recording, 0)
    lab.repair()
