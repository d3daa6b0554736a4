"""How days, their parts and lengths of time are called in other languages than English."""

from __future__ import annotations

from typing import TYPE_CHECKING

from weavclip.search.terms import folded

if TYPE_CHECKING:
    from collections.abc import Mapping

_NEEDLESS = ""

_SAID: Mapping[str, Mapping[str, str]] = {
    "de": {
        "today": "heute", "yesterday": "gestern", "2 days ago": "vorgestern",
        "last": "letzte letzten letzter letztes letztem vorige vorigen voriger voriges "
        "vergangene vergangenen vergangener vergangenes", "since": "seit",
        "this": "diese diesen dieser dieses diesem",
        "monday": "montag", "tuesday": "dienstag", "wednesday": "mittwoch",
        "thursday": "donnerstag", "friday": "freitag", "saturday": "samstag sonnabend",
        "sunday": "sonntag", "week": "woche", "month": "monat", "year": "jahr",
        "morning": "morgen fruh vormittag", "afternoon": "nachmittag",
        "evening": "abend", "night": "nacht", "weekend": "wochenende wochenendes",
        "minute": "minute", "minutes": "minuten", "hour": "stunde", "hours": "stunden",
        "day": "tag tages", "days": "tage tagen", "weeks": "wochen", "months": "monate monaten",
        "years": "jahre jahren", "2": "zwei", "3": "drei", "4": "vier", "5": "funf", "6": "sechs",
        "7": "sieben", "8": "acht", "9": "neun", "10": "zehn",
        _NEEDLESS: "am an der den dem des die das im in von vom innerhalb wahrend binnen",
    },
    "fr": {
        "today": "aujourd_hui", "yesterday": "hier", "2 days ago": "avant_hier",
        "last": "dernier derniere derniers dernieres passe passee passes passees",
        "this": "ce cet cette", "since": "depuis",
        "monday": "lundi", "tuesday": "mardi", "wednesday": "mercredi", "thursday": "jeudi",
        "friday": "vendredi", "saturday": "samedi", "sunday": "dimanche",
        "week": "semaine", "month": "mois", "year": "an annee",
        "morning": "matin matinee", "afternoon": "apres_midi", "evening": "soir soiree",
        "night": "nuit", "weekend": "week_end weekend",
        "minute": "minute", "minutes": "minutes", "hour": "heure", "hours": "heures",
        "day": "jour", "days": "jours", "weeks": "semaines", "years": "ans annees",
        "2": "deux", "3": "trois", "4": "quatre", "5": "cinq", "6": "six", "7": "sept",
        "8": "huit", "9": "neuf", "10": "dix",
        _NEEDLESS: "a au la le les l dans de du des d en ces durant pendant au_cours",
    },
    "es": {
        "today": "hoy", "yesterday": "ayer", "2 days ago": "anteayer antes_de_ayer",
        "last": "pasado pasada pasados pasadas ultimo ultima ultimos ultimas",
        "last noche": "anoche", "this": "este esta", "since": "desde",
        "monday": "lunes", "tuesday": "martes", "wednesday": "miercoles", "thursday": "jueves",
        "friday": "viernes", "saturday": "sabado", "sunday": "domingo",
        "week": "semana", "month": "mes", "year": "ano",
        "morning": "manana", "tarde": "tarde", "noche": "noche",
        "weekend": "fin_de_semana finde",
        "minute": "minuto", "minutes": "minutos", "hour": "hora", "hours": "horas",
        "day": "dia", "days": "dias", "weeks": "semanas", "months": "meses", "years": "anos",
        "2": "dos", "3": "tres", "4": "cuatro", "5": "cinco", "6": "seis", "7": "siete",
        "8": "ocho", "9": "nueve", "10": "diez",
        _NEEDLESS: "el la los las a al de del en por durante dentro",
    },
    "it": {
        "today": "oggi", "yesterday": "ieri", "2 days ago": "altro_ieri avantieri",
        "last": "scorso scorsa scorsi scorse passato passata passati passate ultimo ultima ultimi "
        "ultime", "this": "questo questa", "since": "dal dalla dall",
        "this morning": "stamattina stamani", "this evening": "stasera", "this night": "stanotte",
        "monday": "lunedi", "tuesday": "martedi", "wednesday": "mercoledi",
        "thursday": "giovedi", "friday": "venerdi", "saturday": "sabato", "sunday": "domenica",
        "week": "settimana", "month": "mese", "year": "anno",
        "morning": "mattina mattino", "afternoon": "pomeriggio", "evening": "sera serata",
        "night": "notte", "weekend": "fine_settimana weekend week_end",
        "minute": "minuto", "minutes": "minuti", "hour": "ora", "hours": "ore",
        "day": "giorno", "days": "giorni", "weeks": "settimane", "months": "mesi", "years": "anni",
        "2": "due", "3": "tre", "4": "quattro", "5": "cinque", "6": "sei", "7": "sette",
        "8": "otto", "9": "nove", "10": "dieci",
        _NEEDLESS: "il la lo l gli le i di del della nel nella nell nello nei negli nelle in a al "
        "alla durante entro",
    },
    "pt": {
        "today": "hoje", "yesterday": "ontem", "2 days ago": "anteontem antes_de_ontem",
        "last": "passado passada passados passadas ultimo ultima ultimos ultimas",
        "this": "este esta neste nesta", "since": "desde",
        "monday": "segunda", "tuesday": "terca", "wednesday": "quarta", "thursday": "quinta",
        "friday": "sexta", "saturday": "sabado", "sunday": "domingo",
        "week": "semana", "month": "mes", "year": "ano",
        "morning": "manha", "tarde": "tarde", "noche": "noite",
        "weekend": "fim_de_semana final_de_semana",
        "minute": "minuto", "minutes": "minutos", "hour": "hora", "hours": "horas",
        "day": "dia", "days": "dias", "weeks": "semanas", "months": "meses", "years": "anos",
        "2": "dois duas", "3": "tres", "4": "quatro", "5": "cinco", "6": "seis", "7": "sete",
        "8": "oito", "9": "nove", "10": "dez",
        _NEEDLESS: "feira a o as os da de do em na no nas nos pela durante dentro",
    },
    "nl": {
        "today": "vandaag", "yesterday": "gisteren gister", "2 days ago": "eergisteren",
        "last": "vorige vorig afgelopen laatste", "this": "deze dit", "since": "sinds",
        "this morning": "vanmorgen vanochtend", "this afternoon": "vanmiddag",
        "this evening": "vanavond", "this night": "vannacht",
        "monday": "maandag", "tuesday": "dinsdag", "wednesday": "woensdag",
        "thursday": "donderdag", "friday": "vrijdag", "saturday": "zaterdag",
        "sunday": "zondag", "week": "week", "month": "maand", "year": "jaar",
        "morning": "ochtend morgen", "afternoon": "middag", "evening": "avond",
        "night": "nacht", "weekend": "weekend weekeinde",
        "minute": "minuut", "minutes": "minuten", "hour": "uur", "hours": "uren",
        "day": "dag", "days": "dagen", "weeks": "weken", "months": "maanden", "years": "jaren",
        "2": "twee", "3": "drie", "4": "vier", "5": "vijf", "6": "zes", "7": "zeven",
        "8": "acht", "9": "negen", "10": "tien",
        _NEEDLESS: "de het in op van s binnen tijdens gedurende",
    },
    "pl": {
        "today": "dziś dzisiaj", "yesterday": "wczoraj", "2 days ago": "przedwczoraj",
        "last": "zeszły zeszła zeszłą zeszłe zeszłej zeszłym zeszłego ostatni ostatnia ostatnią "
        "ostatnie ostatniej ostatnim ostatnich", "since": "od",
        "this": "ten ta tę tym tej",
        "monday": "poniedziałek", "tuesday": "wtorek", "wednesday": "środa środę",
        "thursday": "czwartek", "friday": "piątek", "saturday": "sobota sobotę",
        "sunday": "niedziela niedzielę",
        "week": "tydzień tygodniu", "month": "miesiąc miesiącu", "year": "rok roku",
        "morning": "rano rankiem", "afternoon": "popołudnie po_południu",
        "evening": "wieczór wieczorem", "night": "noc nocy nocą",
        "weekend": "weekend weekendu",
        "minute": "minuta minutę minucie", "minutes": "minuty minut",
        "hour": "godzina godzinę godzinie godziny", "hours": "godzin",
        "day": "dzień", "days": "dni", "weeks": "tygodnie tygodni",
        "months": "miesiące miesięcy", "years": "lata lat",
        "2": "dwa dwie dwóch", "3": "trzy trzech", "4": "cztery czterech", "5": "pięć pięciu",
        "6": "sześć sześciu", "7": "siedem siedmiu", "8": "osiem ośmiu",
        "9": "dziewięć dziewięciu", "10": "dziesięć dziesięciu",
        _NEEDLESS: "w we przez ciągu",
    },
    "ru": {
        "today": "сегодня", "yesterday": "вчера", "2 days ago": "позавчера",
        "last": "прошлый прошлая прошлую прошлое прошлой прошлом прошлые прошлых последний "
        "последняя последнюю последнее последней последнем последние последних",
        "since": "с со",  # noqa: RUF001 - Russian
        "this": "этот эта эту это этой этом",
        "monday": "понедельник", "tuesday": "вторник", "wednesday": "среда среду",
        "thursday": "четверг", "friday": "пятница пятницу", "saturday": "суббота субботу",
        "sunday": "воскресенье",
        "week": "неделя неделю неделе", "month": "месяц месяце",
        "morning": "утро утром", "afternoon": "днём", "evening": "вечер вечером",
        "night": "ночь ночью", "weekend": "выходные выходных",
        "minute": "минута минуту", "minutes": "минуты минут", "hour": "час",
        "hours": "часа часов часы", "day": "день", "days": "дня дней дни",
        "weeks": "недели недель", "months": "месяца месяцев месяцы", "years": "года лет годы",
        "year": "год году", "2": "два две двух", "3": "три трёх", "4": "четыре четырёх",
        "5": "пять пяти", "6": "шесть шести", "7": "семь семи", "8": "восемь восьми",
        "9": "девять девяти", "10": "десять десяти",
        _NEEDLESS: "в во на за течение",
    },
    "sv": {
        "today": "idag i_dag", "yesterday": "igår i_går", "2 days ago": "förrgår",
        "last": "förra senaste", "this": "denna detta", "since": "sedan",
        "this morning": "i_morse", "this evening": "ikväll i_kväll", "this night": "inatt i_natt",
        "monday": "måndag måndagen", "tuesday": "tisdag tisdagen", "wednesday": "onsdag onsdagen",
        "thursday": "torsdag torsdagen", "friday": "fredag fredagen",
        "saturday": "lördag lördagen", "sunday": "söndag söndagen",
        "last monday": "måndags", "last tuesday": "tisdags", "last wednesday": "onsdags",
        "last thursday": "torsdags", "last friday": "fredags", "last saturday": "lördags",
        "last sunday": "söndags",
        "week": "vecka veckan", "month": "månad månaden", "year": "år året",
        "morning": "morgon förmiddag", "afternoon": "eftermiddag eftermiddagen",
        "evening": "kväll kvällen", "night": "natt natten", "weekend": "helg helgen",
        "minute": "minut minuten", "minutes": "minuter minuterna", "hour": "timme timmen",
        "hours": "timmar timmarna", "day": "dag dagen", "days": "dagar dagarna",
        "weeks": "veckor veckorna", "months": "månader månaderna", "years": "åren",
        "2": "två", "3": "tre", "4": "fyra", "5": "fem", "6": "sex", "7": "sju", "8": "åtta",
        "9": "nio", "10": "tio",
        _NEEDLESS: "i på den det de under inom",
    },
    "da, nb": {
        "today": "idag i_dag", "yesterday": "igår i_går", "2 days ago": "forgårs",
        "last": "sidste sist siste forrige", "this": "denne dette", "since": "siden",
        "this morning": "i_morges", "this evening": "i_aften i_kveld",
        "this night": "i_nat i_natt",
        "monday": "mandag", "tuesday": "tirsdag", "wednesday": "onsdag", "thursday": "torsdag",
        "friday": "fredag", "saturday": "lørdag", "sunday": "søndag",
        "week": "uge uke uka uken", "month": "måned måneden", "year": "år året",
        "morning": "morgen formiddag", "afternoon": "eftermiddag ettermiddag",
        "evening": "aften aftes kveld", "night": "nat natt",
        "weekend": "weekend weekenden helg helgen helga",
        "minute": "minut minutt minuttet", "minutes": "minutter minutterne minuttene",
        "hour": "time timen", "hours": "timer timerne timene", "day": "dag dagen",
        "days": "dage dagene dager", "weeks": "uger ugerne uker ukene",
        "months": "måneder månederne månedene", "years": "årene",
        "2": "to", "3": "tre", "4": "fire", "5": "fem", "6": "seks", "7": "syv sju",
        "8": "otte åtte", "9": "ni", "10": "ti",
        _NEEDLESS: "i på den det de under inden_for innen",
    },
    "ja, zh, ko": {"year": "年 년"},
}  # fmt: skip
"""Each language's words; ``_`` stands for what parts two: a blank, a hyphen, an apostrophe."""


def _meanings(table: Mapping[str, str]) -> dict[str, str]:
    return {folded(word): meaning for meaning, words in table.items() for word in words.split()}


LANGUAGES = tuple(map(_meanings, _SAID.values()))
"""Of each language the meanings of its words, in English; empty of what says nothing."""
