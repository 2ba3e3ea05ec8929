# SPDX-License-Identifier: GPL-2.0-or-later
"""SIGSTOP, SIGTSTP and SIGCONT, SIGWINCH, SIGURG"""

import signal

import library

TOOLS = ("skbtrail", "trace-cmd")


def provoke(lab, row):
    """A recorder that stands still loses nothing that its buffers can hold."""
    for number in signal.SIGSTOP, signal.SIGTSTP, signal.SIGWINCH, signal.SIGURG:
        with lab.trial(row, number.name) as trial:
            recording = trial.record(seconds=2.5)
            recording.record_for(0.5)
            recording.signal(number)
            library.wait_for(recording.is_over, 1)
            recording.signal(signal.SIGCONT)
            trial.expect_status(recording, 0)
