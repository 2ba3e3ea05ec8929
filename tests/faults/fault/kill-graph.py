# SPDX-License-Identifier: GPL-2.0-or-later
"""kill -9 with a tracer, in the top instance on older kernels"""

import foreign

NR_MOMENTS = 6


def provoke(lab, row):
    foreign.remove_all()
    foreign.set_up(use_top=False)
    lab.before = lab.read_state()
    options = ("-p", "function_graph", "-l", "ip_*", "-O", "nofuncgraph-irqs")
    for i in range(NR_MOMENTS):
        with lab.trial(row, str(i)) as trial:
            recording = trial.record(*options, seconds=1.5)
            if i % 3:
                recording.until_recording()
            if i % 3 == 2:
                recording.until_workload_ends()
            seconds = lab.random.random() * (3, 1.5, 1)[i % 3]
            recording.wait(seconds)
            trial.killed(recording)
    lab.repair()
