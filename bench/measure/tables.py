"""Numbers as Markdown."""
import statistics


def median(values):
    known = [value for value in values if value is not None]
    return statistics.median(known) if known else None


def show(value):
    if value is None:
        return "-"
    if abs(value) >= 1000:
        return f"{value:,.0f}".replace(",", " ")
    return f"{value:.0f}" if value == int(value) else f"{value:.3g}"


def table(headings, rows):
    lines = ["| " + " | ".join(headings) + " |", "|" + " --- |" * len(headings)]
    return lines + ["| " + " | ".join(row) + " |" for row in rows]


def ratio(peer, ours):
    """Median of the rounds' ratios, least and greatest beside it."""
    ratios = sorted(o / p for p, o in zip(peer, ours) if p and o is not None)
    return f"{show(statistics.median(ratios))} ({show(ratios[0])} to {show(ratios[-1])})" if ratios else "-"
