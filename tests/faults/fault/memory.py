# SPDX-License-Identifier: GPL-2.0-or-later
"""no memory (RLIMIT_AS)"""

import resource

TOOLS = ("skbtrail", "trace-cmd")


def provoke(lab, row):
    for mb in 8, 12, 16, 24, 32, 48, 64, 96:
        with lab.trial(row, f"{mb} MB") as trial:
            recording = trial.record(seconds=0.5, preexec_fn=lambda size=mb << 20:
                                     resource.setrlimit(resource.RLIMIT_AS, (size, size)))
            status = recording.end()
            # 127: not even its libraries can be mapped.
            trial.expect(status in (0, 1, 127), f"exit status {status}: {recording.said()[-200:]}")
            trial.phase = {0: "enough", 127: "not started"}.get(status, "too little")
            trial.may_lack_capture = True
