# SPDX-License-Identifier: GPL-2.0-or-later
"""an output that is read-only, no capture, a link, a device"""

import os
import subprocess

import library

TOOLS = ("skbtrail", "trace-cmd")


def refused(lab, row, moment, output, prepare=lambda: None, tidy=lambda: None):
    with lab.trial(row, moment) as trial:
        prepare()
        trial.needs_capture = False
        trial.expect_status(trial.record(output=output, command=["true"]), 1)
        tidy()


def provoke(lab, row):
    def remount(mode):
        subprocess.run(["mount", "-o", f"remount,{mode}", lab.disk], check=True)

    refused(lab, row, "read-only", f"{lab.disk}/trace.dat", lambda: remount("ro"),
            lambda: remount("rw"))
    refused(lab, row, "no such directory", f"{lab.disk}/nowhere/trace.dat")
    if not lab.is_ours:
        return
    notes, link = f"{lab.disk}/notes", f"{lab.disk}/link"
    library.write(notes, "not a capture")
    os.symlink(notes, link)
    for moment, path in ("not a capture", notes), ("a link", link), ("a directory", lab.disk), \
            ("a device", "/dev/full"):
        refused(lab, row, moment, path)
    with open(notes, encoding="utf-8") as file:
        if file.read() != "not a capture":
            row.failures.append(("link", [("recorder", "overwrote what is no capture")]))
    os.unlink(link)
    os.unlink(notes)
