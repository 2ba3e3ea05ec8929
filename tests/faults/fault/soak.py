# SPDX-License-Identifier: GPL-2.0-or-later
"""soak: recordings and reports under load, a third killed"""

import glob
import os
import re
import signal
import subprocess
import time

import foreign
import library
import tools

WHEN_NAMED = True
ROUNDS = 20
# The first rounds fill the kernel's caches of task names, tracefs files and slabs.
WARM_UP = 4
# Unreclaimable slabs are the kernel's own; what is used besides, by no program, goes up and down by
# some MB.  The buffers of each instance that is left would be 2.8 MB, so those of the killed rounds
# alone 14 MB.
GROWTH_KB = {"SUnreclaim": 1024, "used": 4096}
PAGE_KB = 4


def free_at_cpus():
    """KB of free pages that each CPU keeps for itself, and MemFree lacks: 48 MB of 2 GB on 7.2."""
    with open("/proc/zoneinfo", encoding="utf-8") as file:
        return PAGE_KB * sum(map(int, re.findall(r"^ +count: +([0-9]+)", file.read(), re.M)))


def memory():
    """{name: KB} of what cannot be given back."""
    time.sleep(1)
    with open("/proc/sys/vm/drop_caches", "w", encoding="utf-8") as file:
        file.write("3")
    with open("/proc/meminfo", encoding="utf-8") as file:
        words = [line.replace(":", "").split() for line in file]
    value = {word[0]: int(word[1]) for word in words}
    not_the_kernels = ("MemFree", "Cached", "Buffers", "SReclaimable", "AnonPages", "PageTables")
    return {"SUnreclaim": value["SUnreclaim"],
            "used": value["MemTotal"] - sum(value[name] for name in not_the_kernels) -
                    free_at_cpus()}


def open_files():
    with open("/proc/sys/fs/file-nr", encoding="utf-8") as file:
        return int(file.read().split()[0])


def one_round(trial, i):
    lab = trial.lab
    output = os.path.join(trial.folder, f"{i}.dat")
    recording = trial.record(output=output, command=["sleep", "1"])
    if i % 3 == 2:
        set_up_s, end_s = lab.measure()
        recording.wait(lab.random.random() * (set_up_s + 1 + end_s))
        recording.process.send_signal(signal.SIGKILL)
        recording.end()
        trial.complain_if(lab.tool.reset())
        if lab.has_parts(output):
            trial.complain_if(lab.tool.recover(output))
    else:
        trial.expect_status(recording, 0)
        _, why = lab.tool.numbers(output)
        trial.complain_if(why)
    for path in foreign.others() + glob.glob(f"{output}.*"):
        trial.not_restored.append(f"round {i} left {path}")
    if tools.processes(lab.tool.name):
        trial.complain(f"round {i} left a process")
    if os.path.exists(output):
        os.unlink(output)


def provoke(lab, row):
    lab.measure()
    with lab.trial(row) as trial:
        trial.needs_capture = False
        trial.count = ROUNDS
        load = f"while {lab.numbers} /dev/null 500; do :; done"
        with subprocess.Popen(["sh", "-c", load], start_new_session=True) as load:
            for i in range(ROUNDS):
                one_round(trial, i)
                if i == WARM_UP:
                    before, nr_files = memory(), open_files()
                elif i == (WARM_UP + ROUNDS) // 2:
                    between = memory()
            after = memory()
            os.killpg(load.pid, signal.SIGKILL)
        # Files are counted lazily, some for each CPU.
        trial.expect(open_files() <= nr_files + 64, f"open files: {nr_files}, {open_files()}")
        growth = {name: after[name] - before[name] for name in after}
        trial.phase = ", ".join(f"{name} {between[name] - before[name]:+} {growth[name]:+} KB"
                                for name in sorted(growth))
        trial.expect(all(growth[name] <= GROWTH_KB[name] for name in growth),
                     f"memory grows: {trial.phase}")
