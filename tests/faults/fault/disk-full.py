# SPDX-License-Identifier: GPL-2.0-or-later
"""disk full, on a tmpfs of 20 sizes"""

import foreign
import library

TOOLS = ("skbtrail", "trace-cmd")
WHEN_NAMED = True
NR_SIZES = {"skbtrail": 20, "trace-cmd": 4}
# So many of them cannot hold even what is written before tracing begins.
NR_SMALL = {"skbtrail": 6, "trace-cmd": 1}
STEP_KB = 160
SECONDS = 4.0


def sizes_kb(lab):
    small, empty = NR_SMALL[lab.tool.name], lab.empty_kb()
    return [empty * (i + 1) // (small + 1) // 4 * 4 for i in range(small)] + \
        [empty + i * STEP_KB for i in range(NR_SIZES[lab.tool.name] - small)]


def has_stopped(lab, recording):
    """At its end, or because there is no room, whoever noticed that first."""
    return recording.log.has_ended() or not lab.disk_has_room() or not foreign.is_tracing()


def fill(trial, kb):
    """What was sent a second before the disk was full is on it."""
    trial.lab.resize_disk(kb)
    recording = trial.record(output=f"{trial.lab.disk}/trace.dat", seconds=SECONDS, gap_us=1000)
    recording.until_recording()
    library.wait_for(lambda: recording.is_over() or has_stopped(trial.lab, recording), 30)
    trial.mark_fault()
    trial.grace_ns = library.UNWRITTEN_NS
    status = recording.end()
    trial.phase = "full" if status else "fits"
    said = recording.said()
    trial.expect(status is not None, "hangs")
    if trial.lab.is_ours:
        trial.expect(status in (0, 1), f"exit status {status}")
        trial.expect(status != 1 or "is full" in said, f"does not say why: {said[-300:]}")
        trial.expect(not trial.lab.has_parts(recording.output) or not trial.known(recording),
                     "what is on the disk is no capture, but a .part")
    # What could not be finished is finished where there is room.
    trial.lab.resize_disk(library.DISK_KB)
    trial.may_lack_capture = True
    trial.needs_recover = trial.lab.has_parts(recording.output)


def provoke(lab, row):
    sizes = sizes_kb(lab)
    for i in lab.share(len(sizes)):
        with lab.trial(row, f"{sizes[i]} KB") as trial:
            fill(trial, sizes[i])
