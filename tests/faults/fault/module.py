# SPDX-License-Identifier: GPL-2.0-or-later
"""a module is unloaded under its events"""

import os
import subprocess

import foreign
import library

TOOLS = ("skbtrail", "trace-cmd")
MODULE = "cfg80211"


def provoke(lab, row):
    """The kernel empties the buffers with it: at most what the interval had not moved yet."""
    for i in range(2):
        if subprocess.run(["modprobe", MODULE], check=False).returncode or \
                not os.path.isdir(f"{foreign.TRACEFS}/events/{MODULE}"):
            raise library.Skip(f"no module {MODULE} with events")
        lab.before = lab.read_state()
        with lab.trial(row, str(i)) as trial:
            recording = trial.record("-e", MODULE, seconds=3)
            recording.record_for(1.2)
            trial.mark_fault()
            trial.grace_ns = library.UNWRITTEN_NS
            if subprocess.run(["modprobe", "-r", MODULE], check=False).returncode:
                trial.phase = "busy"
            trial.expect_status(recording, 0)
            subprocess.run(["modprobe", MODULE], check=False)
    subprocess.run(["modprobe", "-r", MODULE], check=False)
    lab.before = lab.read_state()
