"""How Jupyter shows a report: the verdict, the summary, and bars by rule and by effect."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from llava_check import _arrow
from llava_check._rules import rules as rules_of_library
from llava_check._structs import SEVERITIES

if TYPE_CHECKING:
    from llava_check._report import Report

BAR_WIDTH = 240
MOST_RULES = 12
COLORS = {
    "error": "#c0392b",
    "warning": "#d68910",
    "info": "#2e86c1",
    "fine": "#1e8449",
    "unknown": "#7f8c8d",
    "altered": "#d68910",
    "dropped": "#a04000",
    "replaced": "#c0392b",
    "crash": "#922b21",
    "refused": "#884ea0",
}


def _bars(title: str, rows: list[tuple[str, str, int]], note: str = "") -> str:
    """Return horizontal bars; each row is a label, a colour and a number."""
    if not rows:
        return ""
    most = max(number for *_, number in rows)
    lines = [
        "<tr>"
        f'<td style="text-align:left">{html.escape(label)}</td>'
        f'<td style="text-align:right">{number:,}</td>'
        '<td style="text-align:left">'
        f'<svg width="{BAR_WIDTH}" height="12" role="img"><rect height="12" fill="{color}" '
        f'width="{max(1, round(BAR_WIDTH * number / most))}"></rect></svg></td></tr>'
        for label, color, number in rows
        if number
    ]
    if note:
        lines.append(f'<tr><td colspan="3" style="text-align:left">{html.escape(note)}</td></tr>')
    # notebooks centre tables but not their other output
    return (
        '<table style="margin:0 0 1em 0">'
        '<caption style="caption-side:top;text-align:left;font-weight:bold">'
        f"{html.escape(title)}</caption>{''.join(lines)}</table>"
    )


def _by_rule(report: Report) -> list[tuple[str, str, int]]:
    """Return the number of findings of each rule, with the colour of their level; errors first."""
    totals: dict[tuple[str, str], int] = {}
    for batch in report.findings.batches():
        rules, rule_field = batch.column("rule")
        levels, level_field = batch.column("severity")
        names, titles = _arrow.names(rules), _arrow.names(levels)
        pairs: dict[tuple[int, int], int] = {}
        for pair in zip(_arrow.numbers(rules, rule_field), _arrow.numbers(levels, level_field)):
            pairs[pair] = pairs.get(pair, 0) + 1
        for (rule, level), number in pairs.items():
            key = (names[rule], titles[level])
            totals[key] = totals.get(key, 0) + number
    order = sorted(
        totals.items(),
        key=lambda item: (-SEVERITIES.index(item[0][1]), -item[1], item[0]),
    )
    words = {rule.code: rule.name for rule in rules_of_library()}
    return [
        (f"{code} {words.get(code, '')}", COLORS[level], number)
        for (code, level), number in order
    ]


def report_html(report: Report) -> str:
    """Return the report as HTML for a notebook."""
    summary, counts = report.summary, report.counts
    is_ok = report.ok
    parts = [
        f'<p><b style="color:{COLORS["fine" if is_ok else "error"]}">'
        f"{'passed' if is_ok else 'FAILED'}</b>: "
        f"{counts['error']:,} errors, {counts['warning']:,} warnings, {counts['info']:,} notes; "
        f"{summary.rows_ok:,} of {summary.rows:,} rows and "
        f"{summary.images_ok:,} of {summary.images_referenced:,} images are sound</p>"
    ]
    if report.caveat:
        parts.append(f"<p>{html.escape(report.caveat)}</p>")
    found = _by_rule(report)
    more = len(found) - MOST_RULES
    note = f"… and {more} more rule{'s'[: more > 1]}" if more > 0 else ""
    parts.append(_bars("findings by rule", found[:MOST_RULES], note))
    try:
        effects = report.effects().counts
    except ValueError:  # trainer="all": effects need a single one
        effects = {}
    rows = [(name, COLORS[name], number) for name, number in effects.items()]
    parts.append(_bars("rows by what the trainer does with them", rows))
    return "<div>" + "".join(parts) + "</div>"
