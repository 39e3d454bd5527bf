"""The flows that the load drives: every kind of task, and branches that meet."""

from __future__ import annotations

from string import Template

# Two people at once, a join, a call to the outside, the end.
ORDER = Template("""
flow: order
title: Order
data: {type: object, properties: {amount: {type: integer}}}
places: [start, left, right, left_done, right_done, agreed, told, end]
tasks:
  check_left: {kind: human, title: Left, assign: user("ben")}
  check_right: {kind: human, title: Right, assign: user("carl") | user("cleo")}
  tell:
    kind: service
    handler: http
    inputs:
      url: "'$url'"
      method: "'POST'"
      json: {subject: business_key}
    retry: {times: 60, first: 1 s, factor: 1.5, limit: 4 s}
    timeout: 20 s
transitions:
  split: {from: start, to: [left, right]}
  approve_left: {task: check_left, outcome: approve, from: left, to: left_done}
  approve_right: {task: check_right, outcome: approve, from: right, to: right_done}
  join: {from: [left_done, right_done], to: agreed}
  has_told: {task: tell, outcome: done, from: agreed, to: told}
  not_told: {task: tell, outcome: failed, from: agreed, to: told}
  close: {from: told, to: end}
""")

# Approve, reject, withdraw and a timer want the same token.
CONTEST = """
flow: contest
title: Contest
data: {type: object, properties: {decision: {type: string, readOnly: true}}}
places: [start, asked, end]
tasks:
  decide: {kind: human, title: Decide, assign: user("carl") | user("cleo")}
  withdraw: {kind: human, title: Withdraw, assign: requester}
  patience: {kind: timer, title: Patience, after: 2 s}
transitions:
  submit: {from: start, to: asked}
  approve: {task: decide, outcome: approve, from: asked, to: end, set: {decision: "'approved'"}}
  reject: {task: decide, outcome: reject, from: asked, to: end, set: {decision: "'rejected'"}}
  withdrawn:
    {task: withdraw, outcome: withdraw, from: asked, to: end, set: {decision: "'withdrawn'"}}
  expire: {task: patience, outcome: due, from: asked, to: end, set: {decision: "'expired'"}}
"""

# One decision, which any of many people may take.
DECISION = """
flow: decision
title: Decision
data: {type: object, properties: {amount: {type: integer}, note: {type: string}}}
places: [start, waiting, end]
tasks:
  review: {kind: human, title: Decide, assign: group("crowd")}
transitions:
  submit: {from: start, to: waiting}
  approve: {task: review, outcome: approve, from: waiting, to: end}
  reject: {task: review, outcome: reject, from: waiting, to: end}
"""

# A timer alone; a repeating one that somebody stops.
ALARM = Template("""
flow: $key
title: Alarm
data: {type: object}
places: [start, waiting, end]
tasks:
  bell: {kind: timer, title: Bell, after: $after}
transitions:
  submit: {from: start, to: waiting}
  ring: {task: bell, outcome: due, from: waiting, to: end}
""")

NAG = """
flow: nag
title: Nag
data: {type: object}
places: [start, ringing, watching, end]
tasks:
  bell: {kind: timer, title: Bell, every: 1 hour}
  stop: {kind: human, title: Stop, assign: requester}
transitions:
  submit: {from: start, to: [ringing, watching]}
  ring: {task: bell, outcome: due, from: ringing, to: ringing}
  stopped: {task: stop, outcome: stop, from: watching, to: end, resets: ringing}
"""


def join(branches: int) -> str:
    """Return a flow in which so many people decide side by side, and a join waits for all."""
    lines = [f"flow: join_{branches}", f"title: Join of {branches}", "data: {type: object}"]
    waiting = ", ".join(f"p{n}, d{n}" for n in range(branches))
    lines += [f"places: [start, {waiting}, end]", "tasks:"]
    lines += [
        f'  check_{n}: {{kind: human, title: Check {n}, assign: user("carl") | user("cleo")}}'
        for n in range(branches)
    ]
    opened, done = (", ".join(f"{letter}{n}" for n in range(branches)) for letter in "pd")
    lines += ["transitions:", f"  split: {{from: start, to: [{opened}]}}"]
    lines += [
        f"  end_{n}: {{task: check_{n}, outcome: approve, from: p{n}, to: d{n}}}"
        for n in range(branches)
    ]
    lines += [f"  join: {{from: [{done}], to: end}}"]
    return "\n".join(lines) + "\n"


def crowded(people: int) -> str:
    """Return a flow in which so many of the crowd work side by side on one case."""
    return (
        join(people)
        .replace(f"flow: join_{people}", "flow: crowded")
        .replace('user("carl") | user("cleo")', 'group("crowd")')
        .replace("outcome: approve", "outcome: done")
    )


def service(key: str, handler: str, options: str = "") -> str:
    """Return a flow whose one task runs a handler of `tests.faults.world`."""
    return f"""
flow: {key}
title: {key}
data: {{type: object}}
places: [start, working, end]
tasks:
  work: {{kind: service, handler: {handler}{options}}}
transitions:
  submit: {{from: start, to: working}}
  done: {{task: work, outcome: done, from: working, to: end}}
  failed: {{task: work, outcome: failed, from: working, to: end}}
"""


def all_flows(url: str) -> list[str]:
    """Return every flow; `url` is where the outside world listens."""
    once = ", retry: {times: 2, first: 1 s, factor: 1, limit: 1 s}, timeout: 2 s"
    often = ", retry: {times: 20, first: 1 s, factor: 1, limit: 1 s}"
    return [
        ORDER.substitute(url=url),
        CONTEST,
        DECISION,
        NAG,
        ALARM.substitute(key="alarm", after="3 s"),
        ALARM.substitute(key="long_alarm", after="1 day"),
        ALARM.substitute(key="burst", after="20 s"),
        crowded(50),
        *(join(branches) for branches in (2, 8, 64)),
        service("quick", "faults.quick", often),
        service("slow", "faults.slow", often),
        service("raises", "faults.raises", once),
        service("hangs", "faults.hangs", once),
        service("dies", "faults.dies", once),
        service("eats", "faults.eats", once.replace("timeout: 2 s", "timeout: 60 s")),
    ]
