from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from weavclip.domain.errors import QueryError
from weavclip.search import periods, when

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 21, 9, 12, 30, tzinfo=BERLIN)  # a Saturday


def at(month: int, day: int, hour: int = 0, minute: int = 0, *, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("text", "after", "before"),
    [
        ("yesterday", at(11, 20), at(11, 21)),
        ("Yesterday  Evening", at(11, 20, 17), at(11, 21)),
        ("this morning", at(11, 21, 5), at(11, 21, 12)),
        ("monday afternoon", at(11, 16, 12), at(11, 16, 18)),
        ("monday in the morning", at(11, 16, 5), at(11, 16, 12)),
        ("last night", at(11, 20, 21), at(11, 21, 5)),
        ("during the last night", at(11, 20, 21), at(11, 21, 5)),
        ("this night", at(11, 20, 21), at(11, 21, 5)),
        ("at night", at(11, 20, 21), at(11, 21, 5)),
        ("in the evening", at(11, 20, 17), at(11, 21)),
        ("in the morning", at(11, 21, 5), at(11, 21, 12)),
        ("tonight", at(11, 21, 21), at(11, 22, 5)),
        ("since yesterday", at(11, 20), NOW),
        ("since last night", at(11, 20, 21), NOW),
        ("since 8 am", at(11, 21, 8), NOW),
        ("last tuesday", at(11, 17), at(11, 18)),
        ("3 days ago", at(11, 18), at(11, 19)),
        ("3 weeks ago", at(10, 26), at(11, 2)),
        ("last week", at(11, 9), at(11, 16)),
        ("this week", at(11, 16), at(11, 23)),
        ("last month", at(10, 1), at(11, 1)),
        ("2 months ago", at(9, 1), at(10, 1)),
        ("in march", at(3, 1), at(4, 1)),
        ("december", at(12, 1, year=2025), at(1, 1)),
        ("march 2024", at(3, 1, year=2024), at(4, 1, year=2024)),
        ("2026-03", at(3, 1), at(4, 1)),
        ("2025", at(1, 1, year=2025), at(1, 1)),
        ("last year", at(1, 1, year=2025), at(1, 1)),
        ("in 2025", at(1, 1, year=2025), at(1, 1)),
        ("during 2025", at(1, 1, year=2025), at(1, 1)),
        ("in the year 2025", at(1, 1, year=2025), at(1, 1)),
        ("in march 2025", at(3, 1, year=2025), at(4, 1, year=2025)),
        ("during last week", at(11, 9), at(11, 16)),
        ("in the last week", at(11, 9), at(11, 16)),
        ("during yesterday", at(11, 20), at(11, 21)),
        ("last weekend", at(11, 14), at(11, 16)),
        ("during the last weekend", at(11, 14), at(11, 16)),
        ("this weekend", at(11, 21), at(11, 23)),
        ("at the weekend", at(11, 21), at(11, 23)),
        ("weekend", at(11, 21), at(11, 23)),
        ("from 2 november to last weekend", at(11, 2), at(11, 16)),
        ("9 nov", at(11, 9), at(11, 10)),
        ("9. November", at(11, 9), at(11, 10)),
        ("2026-11-09", at(11, 9), at(11, 10)),
        ("yesterday 14:00", at(11, 20, 14), at(11, 20, 15)),
        ("yesterday at midnight", at(11, 20), at(11, 20, 1)),
        ("2 hours ago", NOW - timedelta(minutes=150), NOW - timedelta(minutes=90)),
        ("last 3 days", NOW - timedelta(days=3), NOW),
        ("the last hour", NOW - timedelta(hours=1), NOW),
        ("in the last 3 days", NOW - timedelta(days=3), NOW),
        ("within the last 2 hours", NOW - timedelta(hours=2), NOW),
        ("within 2 hours", NOW - timedelta(hours=2), NOW),
        ("within an hour", NOW - timedelta(hours=1), NOW),
        ("in the last hour", NOW - timedelta(hours=1), NOW),
        ("half an hour", NOW - timedelta(minutes=30), NOW),
        ("a couple of days", NOW - timedelta(days=2), NOW),
        ("during the last two weeks", NOW - timedelta(weeks=2), NOW),
        ("in last 2 months", NOW.replace(month=9), NOW),
        ("over the past week", NOW - timedelta(weeks=1), NOW),
        ("past month", NOW.replace(month=10), NOW),
        ("90m", NOW - timedelta(minutes=90), NOW),
        ("1h 30m", NOW - timedelta(minutes=90), NOW),
        ("between 3 and 5 pm yesterday", at(11, 20, 15), at(11, 20, 17)),
        ("yesterday between 3 and 5 pm", at(11, 20, 15), at(11, 20, 17)),
        ("between 11 am and 2 pm yesterday", at(11, 20, 11), at(11, 20, 14)),
        ("yesterday from 14 to 16", at(11, 20, 14), at(11, 20, 16)),
        ("yesterday from 14:30 to 16:15", at(11, 20, 14, 30), at(11, 20, 16, 15)),
        ("between 3 and 5 november", at(11, 3), at(11, 6)),
        ("from monday to wednesday", at(11, 16), at(11, 19)),
        ("between 1 november and 5 november", at(11, 1), at(11, 6)),
        ("from 2026-03-01 until yesterday", at(3, 1), at(11, 21)),
    ],
)
def test_a_stretch_of_time_is_understood(text: str, after: datetime, before: datetime) -> None:
    assert periods.understand(text, now=NOW, zone=BERLIN) == periods.Period(after, before)


@pytest.mark.parametrize(
    ("text", "after", "before"),
    [
        ("gestern", at(11, 20), at(11, 21)),
        ("vorgestern", at(11, 19), at(11, 20)),
        ("gestern um 14 Uhr", at(11, 20, 14), at(11, 20, 15)),
        ("vor 3 Wochen", at(10, 26), at(11, 2)),
        ("letzte Woche", at(11, 9), at(11, 16)),
        ("im März", at(3, 1), at(4, 1)),
        ("hier", at(11, 20), at(11, 21)),
        ("il y a 3 semaines", at(10, 26), at(11, 2)),
        ("ayer", at(11, 20), at(11, 21)),
        ("вчера", at(11, 20), at(11, 21)),
        ("昨天", at(11, 20), at(11, 21)),
    ],
)
def test_other_languages_are_understood(text: str, after: datetime, before: datetime) -> None:
    assert periods.understand(text, now=NOW, zone=BERLIN) == periods.Period(after, before)
    assert when.understand(text, now=NOW, zone=BERLIN).at == after


@pytest.mark.parametrize(
    ("text", "english"),
    [
        ("gestern Abend", "yesterday evening"),
        ("letzten Dienstag", "last tuesday"),
        ("am letzten Dienstagabend", "last tuesday evening"),
        ("letzte Nacht", "last night"),
        ("hier soir", "yesterday evening"),
        ("mardi dernier", "last tuesday"),
        ("l'après-midi d'avant-hier", "2 days ago afternoon"),
        ("cette semaine", "this week"),
        ("el martes pasado", "last tuesday"),
        ("ayer por la mañana", "yesterday morning"),
        ("martedì scorso", "last tuesday"),
        ("stamattina", "this morning"),
        ("terça-feira passada", "last tuesday"),
        ("ontem de manhã", "yesterday morning"),
        ("gisteravond", "yesterday evening"),
        ("afgelopen dinsdag", "last tuesday"),
        ("wczoraj wieczorem", "yesterday evening"),
        ("w zeszły wtorek po południu", "last tuesday afternoon"),
        ("вчера вечером", "yesterday evening"),
        ("в прошлый вторник", "last tuesday"),
        ("igår kväll", "yesterday evening"),
        ("i tisdags", "last tuesday"),
        ("i går aftes", "yesterday evening"),
        ("forrige tirsdag", "last tuesday"),
        ("heute Nacht", "this night"),
        ("cette nuit", "this night"),
        ("vannacht", "this night"),
        ("am Wochenende", "weekend"),
        ("letztes Wochenende", "last weekend"),
        ("dieses Wochenende", "this weekend"),
        ("le week-end dernier", "last weekend"),
        ("pendant le weekend", "weekend"),
        ("el fin de semana pasado", "last weekend"),
        ("este fin de semana", "this weekend"),
        ("lo scorso fine settimana", "last weekend"),
        ("no fim de semana passado", "last weekend"),
        ("afgelopen weekend", "last weekend"),
        ("in het weekend", "weekend"),
        ("w zeszły weekend", "last weekend"),
        ("в прошлые выходные", "last weekend"),
        ("в выходные", "weekend"),
        ("förra helgen", "last weekend"),
        ("sidste weekend", "last weekend"),
        ("i helgen", "weekend"),
        ("in den letzten 3 Tagen", "last 3 days"),
        ("innerhalb der letzten zwei Stunden", "last 2 hours"),
        ("innerhalb von 2 Stunden", "2 hours"),
        ("in der letzten Stunde", "last hour"),
        ("während der letzten Woche", "last week"),
        ("dans les 3 derniers jours", "last 3 days"),
        ("au cours des trois dernières semaines", "last 3 weeks"),
        ("pendant la semaine dernière", "last week"),
        ("la dernière heure", "last hour"),
        ("en los últimos 3 días", "last 3 days"),
        ("durante la semana pasada", "last week"),
        ("la última hora", "last hour"),
        ("negli ultimi tre giorni", "last 3 days"),
        ("l'ultima ora", "last hour"),
        ("nos últimos 3 dias", "last 3 days"),
        ("na última hora", "last hour"),
        ("de afgelopen drie dagen", "last 3 days"),
        ("het afgelopen uur", "last hour"),
        ("w ciągu ostatnich 3 dni", "last 3 days"),
        ("w ostatniej godzinie", "last hour"),
        ("за последние 3 дня", "last 3 days"),
        ("за последний час", "last hour"),
        ("de senaste tre dagarna", "last 3 days"),
        ("under förra veckan", "last week"),
        ("senaste timmen", "last hour"),
        ("de sidste 3 dage", "last 3 days"),
        ("siste timen", "last hour"),
        ("seit gestern", "since yesterday"),
        ("seit letzter Nacht", "since last night"),
        ("depuis hier soir", "since yesterday evening"),
        ("im Jahr 2025", "2025"),
        ("en 2025", "2025"),
        ("en l'an 2025", "2025"),
        ("nel 2025", "2025"),
        ("w 2025 roku", "2025"),
        ("в 2025 году", "2025"),
        ("under 2025", "2025"),
        ("2025年", "2025"),
    ],
)
def test_days_and_parts_of_the_day_mean_the_same_in_other_languages(
    text: str, english: str
) -> None:
    assert periods.understand(text, now=NOW, zone=BERLIN) == periods.understand(
        english, now=NOW, zone=BERLIN
    )


@pytest.mark.parametrize(
    ("text", "after", "before"),
    [
        ("ayer por la tarde", at(11, 20, 12), at(11, 20, 20)),
        ("ontem à noite", at(11, 20, 19), at(11, 21, 5)),
        ("anoche", at(11, 20, 19), at(11, 21, 5)),
    ],
)
def test_where_the_day_is_parted_otherwise_its_own_hours_are_meant(
    text: str, after: datetime, before: datetime
) -> None:
    assert periods.understand(text, now=NOW, zone=BERLIN) == periods.Period(after, before)


def test_a_weekday_with_last_in_another_language_is_a_moment_too() -> None:
    assert when.understand("letzten Dienstag", now=NOW, zone=BERLIN).at == at(11, 17)


@pytest.mark.parametrize(
    ("day", "this", "last"),
    [(20, 14, 14), (21, 21, 14), (22, 21, 14), (23, 21, 21)],
)
def test_a_weekend_is_the_latest_that_has_begun_and_the_last_one_is_over(
    day: int, this: int, last: int
) -> None:
    now = at(11, day, 12)  # Friday to Monday

    for text, first in (("this weekend", this), ("weekend", this), ("last weekend", last)):
        found = periods.understand(text, now=now, zone=BERLIN)
        assert found == periods.Period(at(11, first), at(11, first + 2))


def test_of_a_stretch_the_moment_is_its_beginning() -> None:
    assert when.understand("gestern Abend", now=NOW, zone=BERLIN).at == at(11, 20, 17)
    assert when.understand("yesterday evening", now=NOW, zone=BERLIN).at == at(11, 20, 17)


@pytest.mark.parametrize(
    "text",
    [
        "soonish",
        "gestern abend morgens",
        "letzten gestern",
        "Tag",
        "within",
        "during the",
        "in between",
        "letzte 2025",
        "between 5 and 3 pm yesterday",
        "between yesterday",
        "evening of",
        "",
        "5",
    ],
)
def test_what_is_no_time_is_refused_with_examples(text: str) -> None:
    with pytest.raises(QueryError) as caught:
        periods.understand(text, now=NOW, zone=BERLIN)

    assert "yesterday evening" in caught.value.hint


def test_a_day_on_which_the_clocks_change_is_as_long_as_it_is() -> None:
    spring = periods.understand("2026-03-29", now=NOW, zone=BERLIN)
    autumn = periods.understand("2026-10-25", now=NOW, zone=BERLIN)

    lengths = [each.before.timestamp() - each.after.timestamp() for each in (spring, autumn)]
    assert lengths == [23 * 3600, 25 * 3600]


def test_what_was_understood_is_said() -> None:
    found = periods.understand("last week", now=NOW, zone=BERLIN)

    assert found.said(now=NOW) == "Mon 9 Nov 00:00 to Mon 16 Nov 00:00"
