"""Days and their parts in eleven more languages, word by word: ``gestern abend``, ``mardi soir``.

What is said with these words alone is said again in English, for our own grammar: dateparser
knows neither parts of the day nor weekdays with "last" in most languages, and takes a second to
begin.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from weavclip.search.terms import folded

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_WHICH = frozenset({"last", "this"})
_PARTS = frozenset({"morning", "afternoon", "evening", "night", "tarde", "noche"})
_NEEDLESS = ""
_MOST_WORDS = 3
"""Words that have one meaning together, such as ``antes de ayer``."""
_WORD = re.compile(r"[^\W\d_]+")

_SAID: Mapping[str, Mapping[str, str]] = {
    "de": {
        "today": "heute", "yesterday": "gestern", "2 days ago": "vorgestern",
        "last": "letzte letzten letzter letztes letztem vorige vorigen voriger voriges "
        "vergangene vergangenen vergangener vergangenes",
        "this": "diese diesen dieser dieses diesem",
        "monday": "montag", "tuesday": "dienstag", "wednesday": "mittwoch",
        "thursday": "donnerstag", "friday": "freitag", "saturday": "samstag sonnabend",
        "sunday": "sonntag", "week": "woche", "month": "monat", "year": "jahr",
        "morning": "morgen fruh vormittag", "afternoon": "nachmittag",
        "evening": "abend", "night": "nacht",
        _NEEDLESS: "am an der den dem des die das im in von vom",
    },
    "fr": {
        "today": "aujourd_hui", "yesterday": "hier", "2 days ago": "avant_hier",
        "last": "dernier derniere passe passee", "this": "ce cet cette",
        "monday": "lundi", "tuesday": "mardi", "wednesday": "mercredi", "thursday": "jeudi",
        "friday": "vendredi", "saturday": "samedi", "sunday": "dimanche",
        "week": "semaine", "month": "mois", "year": "an annee",
        "morning": "matin matinee", "afternoon": "apres_midi", "evening": "soir soiree",
        "night": "nuit",
        _NEEDLESS: "a au la le l dans de du d en",
    },
    "es": {
        "today": "hoy", "yesterday": "ayer", "2 days ago": "anteayer antes_de_ayer",
        "last": "pasado pasada ultimo ultima", "last noche": "anoche", "this": "este esta",
        "monday": "lunes", "tuesday": "martes", "wednesday": "miercoles", "thursday": "jueves",
        "friday": "viernes", "saturday": "sabado", "sunday": "domingo",
        "week": "semana", "month": "mes", "year": "ano",
        "morning": "manana", "tarde": "tarde", "noche": "noche",
        _NEEDLESS: "el la los las a al de del en por",
    },
    "it": {
        "today": "oggi", "yesterday": "ieri", "2 days ago": "altro_ieri avantieri",
        "last": "scorso scorsa passato passata ultimo ultima", "this": "questo questa",
        "this morning": "stamattina stamani", "this evening": "stasera",
        "monday": "lunedi", "tuesday": "martedi", "wednesday": "mercoledi",
        "thursday": "giovedi", "friday": "venerdi", "saturday": "sabato", "sunday": "domenica",
        "week": "settimana", "month": "mese", "year": "anno",
        "morning": "mattina mattino", "afternoon": "pomeriggio", "evening": "sera serata",
        "night": "notte",
        _NEEDLESS: "il la lo l di del della nel nella in a al alla",
    },
    "pt": {
        "today": "hoje", "yesterday": "ontem", "2 days ago": "anteontem antes_de_ontem",
        "last": "passado passada ultimo ultima", "this": "este esta neste nesta",
        "monday": "segunda", "tuesday": "terca", "wednesday": "quarta", "thursday": "quinta",
        "friday": "sexta", "saturday": "sabado", "sunday": "domingo",
        "week": "semana", "month": "mes", "year": "ano",
        "morning": "manha", "tarde": "tarde", "noche": "noite",
        _NEEDLESS: "feira a o as os da de do em na no pela",
    },
    "nl": {
        "today": "vandaag", "yesterday": "gisteren gister", "2 days ago": "eergisteren",
        "last": "vorige vorig afgelopen laatste", "this": "deze dit",
        "this morning": "vanmorgen vanochtend", "this afternoon": "vanmiddag",
        "this evening": "vanavond", "this night": "vannacht",
        "monday": "maandag", "tuesday": "dinsdag", "wednesday": "woensdag",
        "thursday": "donderdag", "friday": "vrijdag", "saturday": "zaterdag",
        "sunday": "zondag", "week": "week", "month": "maand", "year": "jaar",
        "morning": "ochtend morgen", "afternoon": "middag", "evening": "avond",
        "night": "nacht",
        _NEEDLESS: "de het in op van s",
    },
    "pl": {
        "today": "dziś dzisiaj", "yesterday": "wczoraj", "2 days ago": "przedwczoraj",
        "last": "zeszły zeszła zeszłą zeszłe zeszłej zeszłym zeszłego ostatni ostatnia ostatnią "
        "ostatniej ostatnim",
        "this": "ten ta tę tym tej",
        "monday": "poniedziałek", "tuesday": "wtorek", "wednesday": "środa środę",
        "thursday": "czwartek", "friday": "piątek", "saturday": "sobota sobotę",
        "sunday": "niedziela niedzielę",
        "week": "tydzień tygodniu", "month": "miesiąc miesiącu", "year": "rok roku",
        "morning": "rano rankiem", "afternoon": "popołudnie po_południu",
        "evening": "wieczór wieczorem", "night": "noc nocy nocą",
        _NEEDLESS: "w we",
    },
    "ru": {
        "today": "сегодня", "yesterday": "вчера", "2 days ago": "позавчера",
        "last": "прошлый прошлая прошлую прошлое прошлой прошлом",
        "this": "этот эта эту это этой этом",
        "monday": "понедельник", "tuesday": "вторник", "wednesday": "среда среду",
        "thursday": "четверг", "friday": "пятница пятницу", "saturday": "суббота субботу",
        "sunday": "воскресенье",
        "week": "неделя неделю неделе", "month": "месяц месяце", "year": "год году",
        "morning": "утро утром", "afternoon": "днём", "evening": "вечер вечером",
        "night": "ночь ночью",
        _NEEDLESS: "в во на",
    },
    "sv": {
        "today": "idag i_dag", "yesterday": "igår i_går", "2 days ago": "förrgår",
        "last": "förra senaste", "this": "denna detta",
        "this morning": "i_morse", "this evening": "ikväll i_kväll", "this night": "inatt i_natt",
        "monday": "måndag måndagen", "tuesday": "tisdag tisdagen", "wednesday": "onsdag onsdagen",
        "thursday": "torsdag torsdagen", "friday": "fredag fredagen",
        "saturday": "lördag lördagen", "sunday": "söndag söndagen",
        "last monday": "måndags", "last tuesday": "tisdags", "last wednesday": "onsdags",
        "last thursday": "torsdags", "last friday": "fredags", "last saturday": "lördags",
        "last sunday": "söndags",
        "week": "vecka veckan", "month": "månad månaden", "year": "år året",
        "morning": "morgon förmiddag", "afternoon": "eftermiddag eftermiddagen",
        "evening": "kväll kvällen", "night": "natt natten",
        _NEEDLESS: "i på den det",
    },
    "da, nb": {
        "today": "idag i_dag", "yesterday": "igår i_går", "2 days ago": "forgårs",
        "last": "sidste sist siste forrige", "this": "denne dette",
        "this morning": "i_morges", "this evening": "i_aften i_kveld",
        "this night": "i_nat i_natt",
        "monday": "mandag", "tuesday": "tirsdag", "wednesday": "onsdag", "thursday": "torsdag",
        "friday": "fredag", "saturday": "lørdag", "sunday": "søndag",
        "week": "uge uke uka uken", "month": "måned måneden", "year": "år året",
        "morning": "morgen formiddag", "afternoon": "eftermiddag ettermiddag",
        "evening": "aften aftes kveld", "night": "nat natt",
        _NEEDLESS: "i på den det",
    },
}  # fmt: skip
"""Each language's words; ``_`` stands for what parts two: a blank, a hyphen, an apostrophe."""


def _meanings(table: Mapping[str, str]) -> dict[str, str]:
    return {folded(word): meaning for meaning, words in table.items() for word in words.split()}


_LANGUAGES = tuple(map(_meanings, _SAID.values()))


def in_english(text: str) -> str | None:
    """The same time in English words; None where one of the words has no meaning here.

    A word such as ``morgen``, which is tomorrow where it stands alone, means the morning only
    beside a day.

    >>> in_english("Letzten Dienstag am Abend"), in_english("hier après-midi")
    ('last tuesday evening', 'yesterday afternoon')
    >>> in_english("gisteravond"), in_english("morgen"), in_english("im Mai")
    ('yesterday evening', None, None)
    """
    if any(map(str.isdigit, text)):
        return None
    words = _WORD.findall(folded(text))
    said = (_put_together(_read(words, language)) for language in _LANGUAGES)
    return next(filter(None, said), None)


def _read(words: Sequence[str], language: Mapping[str, str]) -> list[str] | None:
    """What the words mean, needless ones left out; None where one means nothing."""
    found, at = [], 0
    while at < len(words):
        together = range(min(_MOST_WORDS, len(words) - at), 0, -1)
        taken = next((n for n in together if "_".join(words[at : at + n]) in language), 0)
        if taken:
            found.append(language["_".join(words[at : at + taken])])
        else:
            parts = _two_words(words[at], language)
            if parts is None:
                return None
            found += parts
        at += taken or 1
    return [each for meaning in found for each in _apart(meaning)]


def _apart(meaning: str) -> list[str]:
    """``last night`` as two words; nothing of a needless one."""
    which, _, part = meaning.partition(" ")
    return [which, part] if which in _WHICH and part else [meaning] if meaning else []


def _two_words(word: str, language: Mapping[str, str]) -> list[str] | None:
    """The meanings of two words that are written as one: ``Dienstagabend``."""
    cuts = ((word[:at], word[at:]) for at in range(2, len(word) - 1))
    known = (cut for cut in cuts if all(language.get(part) for part in cut))
    first = next(known, None)
    return [language[part] for part in first] if first else None


def _put_together(meanings: Iterable[str] | None) -> str | None:
    """Which, day, part of the day: the order of our grammar, each at most once."""
    if meanings is None:
        return None
    places: dict[int, str] = {}
    for meaning in meanings:
        place = 0 if meaning in _WHICH else 2 if meaning in _PARTS else 1
        if place in places:
            return None
        places[place] = meaning
    has_day = 1 in places or places.keys() == {0, 2}
    if not has_day:
        return None
    return " ".join(places[place] for place in sorted(places))
