"""`quotad usage`: totals, a calendar of the days, a chart of the last 30; and what a thread has cost."""
import datetime
import re

from stage import THREAD, Stage, unix_now

DAYS_KNOWN = 20  # up to today, but for those that the service leaves out
ONE_DAY = datetime.timedelta(days=1)


def today():
    return datetime.datetime.fromtimestamp(unix_now(), datetime.timezone.utc).date()


def tokens_by_day(last):
    """With days that are unknown and one without any usage; the most is 90,000."""
    known = {}
    for age in range(DAYS_KNOWN):
        if age % 5 != 2:
            known[last - age * ONE_DAY] = 90000 - age * 4000
    known[last - 6 * ONE_DAY] = 0
    return known


def on_one_day(quotad, look):
    """Calls look(stage, today, tokens by day); once more if a day has begun meanwhile."""
    while True:
        last = today()
        known = tokens_by_day(last)
        stats = {
            "daily_usage_buckets": [
                {"start_date": str(day), "tokens": tokens} for day, tokens in sorted(known.items())
            ]
        }
        with Stage(quotad, stats=stats) as stage:
            try:
                return look(stage, last, known)
            except AssertionError:
                if last == today():
                    raise


def shade(tokens, most, shades):
    """Of unknown days, of those without usage, and of four quarters of the most."""
    if tokens is None:
        return shades[0]
    return shades[1] if tokens == 0 else shades[2 + min(tokens * 4 // most, 3)]


def expect_calendar(answer, first, last, known, shades):
    heading = answer.line(r"^By day \(UTC\)  (\S+) to (\S+)$")
    assert heading.groups() == (str(first), str(last)), heading[0]
    at = answer.lines.index(heading[0]) + 1
    while not answer.lines[at].startswith("Mon"):
        at += 1  # past the names of months
    monday = first - first.weekday() * ONE_DAY
    weeks = (last - monday).days // 7 + 1
    cell = 2 if weeks * 2 <= 96 else 1
    most = max(known.values())
    for weekday in range(7):
        expected = ""
        for week in range(weeks):
            day = monday + (7 * week + weekday) * ONE_DAY
            inside = first <= day <= last
            expected += (shade(known.get(day), most, shades) if inside else " ") * cell
        found = answer.lines[at + weekday][4:]
        assert found == expected.rstrip(), f"weekday {weekday}: {found!r}, not {expected!r}"
    legend = f"{shades[0]} unknown  {shades[1]} none  {shades[2:]} up to 90k"
    answer.line("^    " + re.escape(legend) + "$")


def expect_chart(answer, last, known, blocks, unknown):
    """Each day's bar has its height, an unknown day its mark, and a day without usage nothing."""
    at = answer.lines.index("Last 30 days") + 1
    rows = [line.ljust(66)[6:] for line in answer.lines[at : at + 8]]
    assert answer.lines[at].startswith("  90k ") and answer.lines[at + 7].startswith("    0 ")
    for age in range(30):
        day = last - age * ONE_DAY
        tokens = known.get(day)
        column = "".join(row[2 * (29 - age)] for row in reversed(rows))
        eighths = max(tokens * 64 // 90000, 1) if tokens else 0
        expected = "".join(blocks[min(max(eighths - 8 * row, 0), 8)] for row in range(8))
        if tokens is None:
            expected = unknown + expected[1:]
        assert column == expected, f"{day}: {column!r}, not {expected!r}"
    answer.line(rf"^ +{last - 29 * ONE_DAY:%m-%d} +{last:%m-%d}$")


def case_a_year(quotad):
    def look(stage, last, known):
        answer = stage.shell.run("quotad usage").expect(status=0)
        answer.line(r"^In all +1,234,567 tokens$")
        answer.line(r"^Busiest day +90,000 tokens$")
        answer.line(r"^Longest turn +30 min$")
        answer.line(r"^Streak +1 day$")
        answer.line(r"^Longest streak +41 days$")
        expect_calendar(answer, last - 364 * ONE_DAY, last, known, "·▁░▒▓█")
        expect_chart(answer, last, known, " ▁▂▃▄▅▆▇█", "·")
        assert answer.is_painted, "no colours"

    on_one_day(quotad, look)


def case_thirty_days(quotad):
    def look(stage, last, known):
        answer = stage.shell.run("quotad usage --days 30").expect(status=0)
        expect_calendar(answer, last - 29 * ONE_DAY, last, known, "·▁░▒▓█")

    on_one_day(quotad, look)


def case_plain(quotad):
    def look(stage, last, known):
        answer = stage.shell.run("quotad usage --plain --days 30").expect(status=0).expect_plain()
        expect_calendar(answer, last - 29 * ONE_DAY, last, known, ".01234")
        expect_chart(answer, last, known, " ...#####", "?")

    on_one_day(quotad, look)


def case_narrow(quotad):
    stats = {"daily_usage_buckets": [{"start_date": str(today()), "tokens": 5}]}
    with Stage(quotad, stats=stats) as stage:
        stage.shell.resize(40)
        for command in ("quotad usage", f"quotad usage --thread {THREAD}"):
            answer = stage.shell.run(command).expect(status=0)
            assert max(map(len, answer.lines)) <= 40, answer.text
        stage.shell.run("quotad usage").line(r"^\(a wider terminal shows more\)$")


def case_a_thread(quotad):
    with Stage(quotad) as stage:
        answer = stage.shell.run(f"quotad usage --thread {THREAD}").expect(status=0)
        assert answer.lines == [
            f"Thread {THREAD}",
            "46.00 credits, about $1.84",
            "  gpt-5.4, high, standard",
            "    46.00 credits; 470,000 tokens in; 410,000 of them cached; 21,000 tokens out; "
            "491,000 in all",
        ], answer.text
        unknown = stage.shell.run("quotad usage --thread " + THREAD.replace("1", "2"))
        unknown.expect("The service does not know this thread", status=0)


def case_nothing_by_day(quotad):
    with Stage(quotad) as stage:
        answer = stage.shell.run("quotad usage").expect(status=0)
        answer.line(r"^The service does not tell the usage by day\.$")
