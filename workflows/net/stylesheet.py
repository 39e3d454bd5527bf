"""The style sheet of a stand-alone drawing: the rules of `net.css`, in the reader's theme."""

_LIGHT = (
    "--net-ink:#1f2937;--net-line:#66758c;--net-faint:#a3adbb;--net-paper:#fff;"
    "--net-done:#2b8a3e;--net-present:#0b5ed7;--net-present-paper:#e8f1fd;background:#fff"
)
_DARK = (
    "--net-ink:#e6eaf0;--net-line:#94a3b8;--net-faint:#5b6b82;--net-paper:#1b2434;"
    "--net-done:#5fd07a;--net-present:#6ea8fe;--net-present-paper:#1d3557;background:#151c2a"
)
RULES = """
.goflow-net text{fill:var(--net-ink)}
.goflow-net .is-untouched text{fill:var(--net-line)}
.goflow-net .weight{stroke:var(--net-paper)}
.goflow-net .shape{fill:var(--net-paper);stroke:var(--net-line)}
.goflow-net .shape.bar{fill:var(--net-line)}
.goflow-net .is-done .shape{stroke:var(--net-done)}
.goflow-net .is-done .shape.bar{fill:var(--net-done)}
.goflow-net .is-present .shape{fill:var(--net-present-paper);stroke:var(--net-present)}
.goflow-net .is-present .shape.bar{fill:var(--net-present)}
.goflow-net .is-possible .shape.bar,.goflow-net .is-untouched .shape.bar{fill:var(--net-paper)}
.goflow-net .is-untouched .shape{stroke:var(--net-faint)}
.goflow-net .token{fill:var(--net-ink)}
.goflow-net .is-present .token{fill:var(--net-present)}
.goflow-net .check{stroke:var(--net-done)}
.goflow-net .badge{stroke:var(--net-paper)}
.goflow-net .is-done .badge{fill:var(--net-done)}
.goflow-net .is-present .badge{fill:var(--net-present)}
.goflow-net .badge+.check{stroke:var(--net-paper)}
.goflow-net .sign{fill:var(--net-paper)}
.goflow-net .frame{fill:var(--net-line);stroke:var(--net-faint)}
.goflow-net .task.is-present .frame{stroke:var(--net-present)}
.goflow-net .line{stroke:var(--net-line)}
.goflow-net .head{fill:var(--net-line)}
.goflow-net .head.is-open{fill:var(--net-paper);stroke:var(--net-line)}
.goflow-net .is-done>.line{stroke:var(--net-done)}
.goflow-net .is-done>.head{fill:var(--net-done)}
.goflow-net .is-done>.head.is-open{fill:var(--net-paper);stroke:var(--net-done)}
.goflow-net .is-untouched>.line,.goflow-net .arc-reset>.line{stroke:var(--net-faint)}
.goflow-net .is-untouched>.head,.goflow-net .arc-reset>.head{fill:var(--net-faint)}
.goflow-net .is-untouched>.head.is-open{fill:var(--net-paper);stroke:var(--net-faint)}
"""
STANDALONE = (
    f".goflow-net{{{_LIGHT}}}@media (prefers-color-scheme:dark){{.goflow-net{{{_DARK}}}}}{RULES}"
)
