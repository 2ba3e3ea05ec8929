# SPDX-License-Identifier: GPL-2.0-or-later
"""few file descriptors; more than 1024 in use"""

import os
import resource

TOOLS = ("skbtrail", "trace-cmd")


def provoke(lab, row):
    for nr in 8, 12, 16, 20, 24:
        with lab.trial(row, f"a limit of {nr}") as trial:
            recording = trial.record(seconds=0.5, preexec_fn=lambda nr=nr: resource.setrlimit(
                resource.RLIMIT_NOFILE, (nr, nr)))
            status = recording.end()
            trial.expect(status in (0, 1), f"exit status {status}")
            trial.expect(status == 0 or "Too many open files" in recording.said(),
                         f"does not say why: {recording.said()[-200:]}")
            trial.may_lack_capture = True
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
    many = [os.open("/dev/null", os.O_RDONLY) for _ in range(1500)]
    for fd in many:
        os.set_inheritable(fd, True)
    with lab.trial(row, "1500 open") as trial:
        trial.expect_status(trial.record(seconds=1, close_fds=False), 0)
    for fd in many:
        os.close(fd)
