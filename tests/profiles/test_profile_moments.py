"""Moments that come again: plain words, lines of cron, and what becomes of both when clocks are changed."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from matricula.profiles.moments import Moments, moments_of
from matricula.profiles.weekdays import NAMES, days_of
from matricula.profiles.weekdays import told as told_days

ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Asia/Kolkata", "UTC"]
BERLIN = ZoneInfo("Europe/Berlin")
zones = st.sampled_from(ZONES).map(ZoneInfo)
#: Within some days of a change of the clocks somewhere, by the hour.
instants = st.builds(
    lambda day, hours: datetime.fromisoformat(f"{day}T00:00+00:00") + timedelta(hours=hours),
    st.sampled_from(["2026-03-28", "2026-10-24", "2026-03-07", "2026-10-31", "2026-04-04", "2026-10-03", "2026-09-05"]),
    st.integers(-72, 72),
)
times = st.lists(st.tuples(st.integers(0, 23), st.integers(0, 59)), min_size=1, max_size=4, unique=True)


@pytest.mark.parametrize(
    ("words", "lines"),
    [
        ("every day at 02:30", ["30 2 * * *"]),
        ("daily at 2:30", ["30 2 * * *"]),
        ("at 2.30", ["30 2 * * *"]),
        ("Every Day at Midnight", ["0 0 * * *"]),
        ("weekdays at 6:00 and 18:00", ["0 6,18 * * 1-5"]),
        ("every weekday at 6 am, 12:00 and 6 pm", ["0 6,12,18 * * 1-5"]),
        ("at 6:00 and 18:30 on weekends", ["0 6 * * 6,7", "30 18 * * 6,7"]),
        ("Mondays at 7:00", ["0 7 * * 1"]),
        ("every Monday and Thursday at 7:00", ["0 7 * * 1,4"]),
        ("Mon, Wed and Fri at 7:00", ["0 7 * * 1,3,5"]),
        ("Monday to Thursday at 7:00", ["0 7 * * 1-4"]),
        ("every 15 minutes", ["*/15 * * * *"]),
        ("every minute", ["* * * * *"]),
        ("every hour", ["0 * * * *"]),
        ("hourly", ["0 * * * *"]),
        ("every 6 hours", ["0 */6 * * *"]),
        ("weekdays every 30 minutes from 7:00 to 16:00", ["*/30 7-15 * * 1-5"]),
        ("every 10 minutes from 8:00 to 9:00 on Saturdays", ["*/10 8 * * 6"]),
        ("weekdays every 2 hours from 8:00 to 16:00", ["0 8,10,12,14,16 * * 1-5"]),
        ("the 1st of every month at 3:00", ["0 3 1 * *"]),
        ("*/5 6-8 * 1,7 mon", ["*/5 6-8 * 1,7 mon"]),
    ],
)
def test_plain_words_are_lines_of_cron(words: str, lines: list[str]) -> None:
    assert list(moments_of(words).lines) == lines


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("30 2 * * *", "every day at 02:30"),
        ("0 6,18 * * 1-5", "weekdays at 06:00 and 18:00"),
        ("0 7 * * 1", "Mondays at 07:00"),
        ("*/15 * * * *", "every 15 minutes"),
        ("*/30 7-15 * * 1-5", "weekdays every 30 minutes from 07:00 to 16:00"),
        ("0 3 1 * *", "the 1st of every month at 03:00"),
        ("*/5 6-8 * 1,7 *", "every 5 minutes, between 06:00 and 08:59, only in January and July"),
    ],
)
def test_lines_of_cron_are_told_in_words(line: str, words: str) -> None:
    assert moments_of(line).words == words


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("sometimes", "says no moments"),
        ("", "says no moments"),
        ("every day at 25:00", "“25:00” is no time of day"),
        ("every day at 7", "“7” is no time of day"),
        ("every 7 minutes", "60 minutes cannot be divided by 7"),
        ("Moondays at 7:00", "are no days"),
        ("weekdays every 30 minutes from 16:00 to 7:00", "ends before it begins"),
        ("the 31st of every month at 3:00", "not every month has a day 31"),
        ("0 0 30 2 *", "is no line of cron"),
        ("61 0 * * *", "is no line of cron"),
    ],
)
def test_what_says_no_moments_is_refused_with_examples(text: str, told: str) -> None:
    with pytest.raises(ValueError, match="write") as refused:
        moments_of(text)
    assert told in str(refused.value)


@given(times, st.sets(st.integers(1, 7), min_size=1))
def test_words_and_lines_tell_the_same(of_day: list[tuple[int, int]], days: set[int]) -> None:
    said = " and ".join(f"{hour}:{minute:02}" for hour, minute in of_day)
    moments = moments_of(f"{' and '.join(NAMES[day - 1] for day in days)} at {said}")
    assert moments_of(moments.words) == moments
    assert days_of(told_days(days)) == days


@given(zones, instants, times)
@example(ZoneInfo("America/New_York"), datetime(2026, 11, 1, 6, tzinfo=UTC), [(1, 1)])
def test_each_time_of_day_comes_once_a_day_whatever_clocks_do(
    zone: ZoneInfo, start: datetime, of_day: list[tuple[int, int]]
) -> None:
    for hour, minute in of_day:
        moments = Moments((f"{minute} {hour} * * *",))
        found = [start]
        for _ in range(5):
            found.append(moments.after(found[-1], zone))
        days = [each.astimezone(zone).date() for each in found[1:]]
        assert all(later - earlier == timedelta(days=1) for earlier, later in pairwise(days))
        assert all(later > earlier for earlier, later in pairwise(found))


@given(zones, instants, st.sampled_from([5, 10, 15, 30]))
def test_what_comes_every_few_minutes_goes_on_by_the_minute(zone: ZoneInfo, start: datetime, step: int) -> None:
    moments = moments_of(f"every {step} minutes")
    found = [moments.after(start, zone)]
    for _ in range(40):
        found.append(moments.after(found[-1], zone))
    assert {later - earlier for earlier, later in pairwise(found)} == {timedelta(minutes=step)}


def test_in_the_missing_hour_it_is_due_at_its_end_and_in_the_double_one_once() -> None:
    moments = moments_of("every day at 2:30")
    spring = moments.after(datetime(2026, 3, 28, 12, tzinfo=UTC), BERLIN)
    assert spring.astimezone(BERLIN).isoformat() == "2026-03-29T03:00:00+02:00"
    autumn = moments.after(datetime(2026, 10, 24, 12, tzinfo=UTC), BERLIN)
    assert autumn.astimezone(BERLIN).isoformat() == "2026-10-25T02:30:00+02:00"
    assert moments.after(autumn, BERLIN).astimezone(BERLIN).isoformat() == "2026-10-26T02:30:00+01:00"
