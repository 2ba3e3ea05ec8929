# SPDX-License-Identifier: GPL-2.0-or-later
"""each other signal that ends a process"""

import signal

import library

TOOLS = ("skbtrail", "trace-cmd")
WHEN_NAMED = True
SIGNALS = ("ILL TRAP ABRT BUS FPE USR1 SEGV USR2 ALRM STKFLT XCPU XFSZ VTALRM PROF IO PWR SYS "
           "RTMIN RTMAX").split()
# It ends as if it had been told to.
SAVED = "USR1 USR2 ALRM XCPU VTALRM PROF IO PWR".split()


def provoke(lab, row):
    """Some of them it may survive; the others are as kill -9."""
    for i in lab.share(len(SIGNALS)):
        name = SIGNALS[i]
        with lab.trial(row, f"SIG{name}") as trial:
            recording = trial.record(seconds=1.8)
            recording.record_for(1.4)
            trial.mark_fault()
            recording.signal(getattr(signal, f"SIG{name}"))
            status = recording.end()
            trial.expect(status is not None, "hangs")
            if name in SAVED and lab.tool.name == "skbtrail":
                trial.expect(status == 128 + getattr(signal, f"SIG{name}"), f"status {status}")
            elif status != 0:
                trial.needs_reset = trial.needs_recover = True
                trial.grace_ns = library.UNWRITTEN_NS
