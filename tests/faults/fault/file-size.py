# SPDX-License-Identifier: GPL-2.0-or-later
"""a limit of file sizes (RLIMIT_FSIZE)"""

import resource

import library

TOOLS = ("skbtrail", "trace-cmd")
# Too small for what comes first, and these beyond it.
SMALL_KB = {"skbtrail": (4, 64, 1024), "trace-cmd": (64,)}
MORE_KB = {"skbtrail": (0, 64, 128, 256, 512, 1024), "trace-cmd": (64, 512)}


def provoke(lab, row):
    empty = lab.empty_kb()
    for kb in SMALL_KB[lab.tool.name] + tuple(empty + kb for kb in MORE_KB[lab.tool.name]):
        with lab.trial(row, f"{kb} KB") as trial:
            recording = trial.record(
                seconds=3.0, gap_us=1000, preexec_fn=lambda size=kb * 1024: resource.setrlimit(
                    resource.RLIMIT_FSIZE, (size, size)))
            largest = library.LargestFile(trial.folder, kb * 1024)
            recording.until_recording()
            library.wait_for(lambda recording=recording, largest=largest: recording.is_over() or
                             recording.log.has_ended() or largest.is_full(), 30, 0.01)
            trial.mark_fault()
            trial.grace_ns = library.UNWRITTEN_NS
            status = recording.end()
            trial.phase = "full" if status else "fits"
            trial.expect(status is not None, "hangs")
            if lab.is_ours:
                trial.expect(status in (0, 1), f"exit status {status}: {recording.said()[-300:]}")
            trial.may_lack_capture = True
            trial.needs_recover = lab.has_parts(recording.output)
