# SPDX-License-Identifier: GPL-2.0-or-later
"""library - what the files in fault/ are made of: a Lab has Trials, a Trial a recording

A trial provokes one fault once and says what became of the recorder, of the numbered datagrams
that numbers.c sent, and of the kernel's state."""

import contextlib
import difflib
import glob
import os
import random
import shutil
import signal
import subprocess
import tempfile
import time

import foreign
import state
import tools

PATIENCE_S = 60
NOT_BEGUN = "left before tracing began"
DISK_KB = 65536
# At most so much may be missing of a recording that was not ended, but killed.
UNWRITTEN_NS = 1_000_000_000


class Skip(Exception):
    """Why a fault cannot be provoked here."""


def now_ns():
    return time.clock_gettime_ns(time.CLOCK_MONOTONIC)


def wait_for(condition, seconds=PATIENCE_S, step=0.002):
    """Until it is true -> whether it became so in time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(step)
    return True


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


class Log:
    """What numbers has sent, by its own account."""

    def __init__(self, path):
        self.path = path

    def lines(self):
        try:
            with open(self.path, encoding="utf-8") as file:
                return file.read().split("\n")[:-1]
        except FileNotFoundError:
            return []

    def has_begun(self):
        return os.path.exists(self.path) and os.path.getsize(self.path) > 0

    def has_ended(self):
        return self.has_begun() and self.lines()[-1] == "end"

    def sent(self):
        """{number: time}"""
        words = [line.split() for line in self.lines() if line != "end"]
        return {int(word[0]): int(word[1]) for word in words}


class Recording:
    """One run of the recorder, with numbers as its workload, unless a command is given."""

    def __init__(self, lab, folder, options=(), output=None, command=None, seconds=60.0,
                 gap_us=5000, **popen):
        self.lab = lab
        self.output = output or os.path.join(folder, "trace.dat")
        nr = len(glob.glob(folder + "/stderr*"))
        self.log = Log(os.path.join(folder, f"numbers{nr}"))
        self.stderr = os.path.join(folder, f"stderr{nr}")
        numbers = [lab.numbers, self.log.path, str(gap_us), str(seconds)]
        argv = lab.tool.record(self.output, list(options), numbers if command is None else command)
        self.start_ns = now_ns()
        with open(self.stderr, "w", encoding="utf-8") as file:
            popen = {"stdin": subprocess.DEVNULL, "stdout": file, "stderr": file,
                     "start_new_session": True, "cwd": folder, **popen}
            self.process = subprocess.Popen(argv, **popen)
        self.status = None

    def numbers_pid(self):
        return tools.processes("numbers")[0]

    def said(self):
        with open(self.stderr, encoding="utf-8", errors="replace") as file:
            return file.read()

    def is_over(self):
        return self.process.poll() is not None

    def until_recording(self):
        """Until the workload runs -> whether it does."""
        wait_for(lambda: self.log.has_begun() or self.is_over())
        return self.log.has_begun()

    def until_workload_ends(self):
        wait_for(lambda: self.log.has_ended() or self.is_over())
        return self.log.has_ended()

    def record_for(self, seconds):
        """Until the workload has sent for so long, or the recorder is over."""
        self.until_recording()
        self.wait(seconds)

    def wait(self, seconds):
        wait_for(self.is_over, seconds)

    def signal(self, number):
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(number)

    def end(self, seconds=PATIENCE_S):
        """Waits for the recorder's end -> its exit status as a shell gives it, None if it hangs."""
        try:
            status = self.process.wait(seconds)
            self.status = status if status >= 0 else 128 - status
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            self.status = None
        return self.status


class LargestFile:
    """Below a folder: has any reached the limit of sizes?"""

    def __init__(self, folder, limit_bytes):
        self.folder = folder
        self.limit_bytes = limit_bytes

    def is_full(self):
        for path in files_below(self.folder):
            with contextlib.suppress(FileNotFoundError):
                if os.path.getsize(path) >= self.limit_bytes // 4096 * 4096:
                    return True
        return False


class Trial:
    """One fault, once.  finish() fills what the table needs."""

    def __init__(self, lab, moment):
        self.lab = lab
        self.moment = moment
        self.count = 1                  # how often it provokes
        self.folder = tempfile.mkdtemp(prefix="trial.", dir=lab.scratch)
        self.recordings = []
        self.wrong = []         # with the recorder
        self.not_restored = []  # with the kernel
        self.no_stock = []      # with the capture, by trace-cmd
        self.kernel_said = []   # warnings and bugs
        self.nr_known = self.nr_lost = self.nr_capture = 0
        self.needs_reset = False
        self.needs_recover = False
        self.needs_capture = True
        self.may_lack_capture = False   # if there is nothing that it must hold
        self.only_newest = False        # of what it must hold
        self.is_others_state = False    # the fault itself changes what cannot be restored
        self.fault_ns = None
        self.grace_ns = 0
        self.phase = ""

    def record(self, *options, **more):
        self.recordings.append(Recording(self.lab, self.folder, options, **more))
        return self.recordings[-1]

    def complain(self, what):
        self.wrong.append(what)

    def expect(self, condition, what):
        if not condition:
            self.complain(what)

    def expect_status(self, recording, *expected):
        """Ends the recording.  A stock tool's status is what it is."""
        status = recording.end()
        if status is None:
            self.complain("hangs")
        elif self.lab.is_ours and status not in expected:
            said = recording.said().strip().splitlines()[-2:]
            self.complain(f"exit status {status}, not {expected}: {' / '.join(said)}")

    def mark_fault(self):
        self.fault_ns = now_ns()

    def killed(self, recording):
        """kill -9 now.  What is left is to be cleaned up by reset and recover."""
        self.phase = self.lab.phase(recording)
        self.mark_fault()
        recording.process.kill()
        recording.end()
        self.needs_reset = self.needs_recover = True
        self.grace_ns = UNWRITTEN_NS

    # ---- afterwards

    def stop_workloads(self):
        for pid in tools.processes("numbers") + tools.processes("sleep"):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def check_no_process(self):
        if not wait_for(lambda: not tools.processes(self.lab.tool.name), 3, 0.05):
            self.complain("processes are left")
            for pid in tools.processes(self.lab.tool.name):
                os.kill(pid, signal.SIGKILL)

    def recover_all(self):
        """A part that is left becomes a capture, in either order with reset."""
        for recording in self.recordings:
            if self.lab.has_parts(recording.output):
                why = self.lab.tool.recover(recording.output)
                # Then it is for reset to remove.
                if NOT_BEGUN not in why or recording.log.has_begun():
                    self.complain_if(why)

    def complain_if(self, what):
        if what:
            self.complain(what)

    def clean_up(self):
        recover_first = self.lab.random.random() < 0.5 or not self.lab.is_ours
        if self.needs_recover and recover_first:
            self.recover_all()
        self.check_no_process()
        if self.needs_reset:
            self.complain_if(self.lab.tool.reset())
        if self.needs_recover and not recover_first:
            self.recover_all()

    def check_kernel(self):
        """A bug of the kernel's is a fault; what it warns of is for who reads the table."""
        said = tools.kernel_warnings()
        for what in said[len(self.lab.kernel_said):]:
            if not what.startswith("WARNING"):
                self.complain(what)
            self.kernel_said.append(what)
        self.lab.kernel_said = said

    def check_state(self):
        after = self.lab.read_state()
        self.not_restored += difference(self.lab.before, after)
        for place in self.lab.tool.own_dirs():
            self.not_restored += [f"left: {path}" for path in files_below(place)]
        for recording in self.recordings:
            self.not_restored += [f"left: {path}" for path in self.lab.parts(recording.output)]
        if self.not_restored:
            self.lab.repair()
        if self.is_others_state:
            self.not_restored = [line for line in self.not_restored if "skbtrail" in line]

    def known(self, recording):
        """Numbers that were on disk for sure: of a killed recording all but the newest."""
        last = (self.fault_ns or now_ns()) - self.grace_ns
        known = {number for number, at in recording.log.sent().items() if at <= last}
        return {max(known)} if known and self.only_newest else known

    def missing(self, known, found):
        if self.only_newest:
            return known if known and max(known) > max(found, default=0) else set()
        return known - found

    def check_capture(self, recording):
        known = self.known(recording)
        self.nr_known += len(known)
        if not os.path.exists(recording.output):
            self.nr_lost += len(known)
            if known or not (self.may_lack_capture or self.needs_recover):
                self.complain("no capture")
                self.no_stock.append("no capture")
            return
        self.nr_capture += 1
        found, why = self.lab.tool.numbers(recording.output)
        self.complain_if(why)
        self.nr_lost += len(self.missing(known, found))
        found, why = tools.trace_cmd_numbers(recording.output)
        if why or self.missing(known, found):
            self.no_stock.append(why or f"{len(self.missing(known, found))} missing")

    def finish(self):
        self.stop_workloads()
        self.clean_up()
        self.check_kernel()
        self.check_state()
        if self.needs_capture:
            for recording in self.recordings:
                self.check_capture(recording)
        shutil.rmtree(self.folder, ignore_errors=True)
        for path in glob.glob(self.lab.disk + "/trace.dat*"):
            subprocess.run(["rm", "-rf", path], check=True)


def difference(before, after):
    """Lines that are not in both, without context."""
    if before == after:
        return []
    return [line for line in difflib.unified_diff(before, after, n=0, lineterm="")
            if not line.startswith(("---", "+++", "@@"))]


def files_below(place):
    return [os.path.join(folder, name) for folder, _, names in os.walk(place) for name in names]


class Lab:
    """The guest, a tool, and the rows of the table."""

    def __init__(self, build, outdir, tool, seed=1, part=(1, 1)):
        self.outdir = outdir
        self.tool = tools.TOOLS[tool](build)
        self.is_ours = tool == "skbtrail"
        self.numbers = os.path.join(build, "tests", "faults", "numbers")
        self.seed = seed
        self.random = random.Random(seed)
        self.part, self.nr_part = part
        self.scratch = tempfile.mkdtemp(prefix="faults.")
        self.before = None
        self.kernel_said = tools.kernel_warnings()
        self.rows = []
        self.windows = None
        self.disk = os.path.join(self.scratch, "disk")
        os.mkdir(self.disk)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_KB}k", "none", self.disk],
                       check=True)
        foreign.set_up(use_top=self.is_ours)
        self.before = self.read_state()

    def share(self, nr):
        """Of so many moments, those that are for this run: several of them make a whole."""
        return range(self.part - 1, nr, self.nr_part)

    def resize_disk(self, size_kb):
        subprocess.run(["mount", "-o", f"remount,size={size_kb}k", self.disk], check=True)

    def disk_has_room(self):
        return os.statvfs(self.disk).f_bavail > 0

    def read_state(self):
        return state.lines()

    def parts(self, output):
        return [path for pattern in self.tool.parts
                for path in glob.glob(pattern.format(glob.escape(output)))]

    def has_parts(self, output):
        return bool(self.parts(output))

    def phase(self, recording):
        """Where in its life a recording is, as it can be seen from outside."""
        if recording.is_over():
            return "over"
        if os.path.exists(recording.output):
            return "finished"
        if not recording.log.has_begun():
            return "setting up"
        if not recording.log.has_ended():
            return "recording"
        return "restoring" if foreign.others() else "finishing"

    def repair(self):
        """After a fault that left something: as it was, by force, so that the next one counts."""
        for name in self.tool.name, "numbers":
            for pid in tools.processes(name):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        foreign.remove_all()
        foreign.set_up(use_top=self.is_ours)
        self.before = self.read_state()

    @contextlib.contextmanager
    def trial(self, row, moment=""):
        trial = Trial(self, moment)
        yield trial
        trial.finish()
        wrong = row.add(trial)
        with open(os.path.join(self.outdir, f"{self.tool.name}.trials"), "a",
                  encoding="utf-8") as file:
            # What was found until then is known, should the guest not come to the row's end.
            print(f"{row.name} [{moment}] {trial.phase}: {trial.count} provoked, lost "
                  f"{trial.nr_lost} of {trial.nr_known}, {wrong or 'all well'}", file=file)

    def measure(self):
        """(seconds of setting up, seconds of ending) of a recording as the trials make them."""
        if not self.windows:
            folder = tempfile.mkdtemp(dir=self.scratch)
            recording = Recording(self, folder, seconds=1.5)
            recording.until_recording()
            begun = now_ns()
            recording.until_workload_ends()
            ended = now_ns()
            recording.end()
            self.windows = (begun - recording.start_ns) / 1e9, (now_ns() - ended) / 1e9
            shutil.rmtree(folder)
        return self.windows

    def empty_kb(self):
        """What a capture of nothing needs: formats and symbols of this kernel."""
        folder = tempfile.mkdtemp(dir=self.scratch)
        recording = Recording(self, folder, command=["true"])
        recording.end()
        size_kb = os.path.getsize(recording.output) // 1024
        shutil.rmtree(folder)
        return size_kb


class Row:
    """A line of the table."""

    def __init__(self, name):
        self.name = name
        self.trials = []
        self.phases = {}
        self.failures = []
        self.notes = []
        self.skipped = ""

    def add(self, trial):
        """-> what was wrong with it: (kind, what) each."""
        self.trials.append(trial)
        self.notes += [f"{trial.moment} {trial.phase}: {what}" for what in trial.kernel_said]
        if trial.phase:
            self.phases[trial.phase] = self.phases.get(trial.phase, 0) + 1
        said = [("recorder", what) for what in trial.wrong]
        said += [("state", what) for what in trial.not_restored[:20]]
        said += [("trace-cmd", what) for what in trial.no_stock]
        if trial.nr_lost:
            said.append(("lost", f"{trial.nr_lost} of {trial.nr_known}"))
        if said:
            self.failures.append((f"{trial.moment} {trial.phase}".strip(), said))
        return said

    def count(self, is_good):
        nr = sum(trial.count for trial in self.trials)
        return f"{sum(trial.count for trial in self.trials if is_good(trial))}/{nr}"

    def cells(self):
        trials = self.trials
        captures = [trial for trial in trials if trial.nr_capture or trial.no_stock]
        good = sum(not trial.no_stock for trial in captures)
        return {
            "fault": self.name,
            "provoked": str(sum(trial.count for trial in trials)),
            "survived": self.count(lambda trial: not trial.wrong),
            "lost": f"{sum(t.nr_lost for t in trials)} of {sum(t.nr_known for t in trials)}"
                    if captures else "-",
            "restored": self.count(lambda trial: not trial.not_restored),
            "trace-cmd": f"{good}/{len(captures)}" if captures else "-",
        }
