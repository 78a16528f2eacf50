"""
Words for the seed: invented companies, people, places, and texts that break things.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# Texts as customers' orgs really hold them; each has broken an export somewhere.
# None starts or ends with a blank: Salesforce trims what is typed or loaded.
HARD_TEXTS = (
    "#N/A",
    "null",
    "NULL",
    "=SUM(A1:A9)",
    "+49 30 5557 0199",
    "@all bitte prüfen",
    "-1",
    'Größe "XL", 3/4" Rohr',
    "Müller; Söhne, Partner & Co.",
    "links\trechts",
    "zwei  Leerzeichen   drei",
    "Rechnung 🧾 bezahlt ✅ 👩‍👩‍👧",
    "請求書 番号 １２３",
    "한국어 청구서",
    "O'Neill \\ Backslash \\n kein Umbruch",
    "<b>fett</b> &amp; ]]> <!-- x -->",
    "e\u0301 und \u00e9 sind zweierlei",
    "0012300",
    "1e5",
    "TRUE",
    "2020-02-30",
    "\u00a0geschütztes\u00a0Leerzeichen\u00a0vorn",
    "ÄÖÜäöüß€–…„“",
    "'einfach' ''doppelt''",
)
HARD_LINES = (
    "Erste Zeile\r\nZweite Zeile\r\n\r\nVierte Zeile",
    'Position;Menge;"Preis"\r\n1;2;"3,50"',
    "nur LF\nund weiter",
    "Tabelle\tmit\tTabs\r\n=1+1\r\n#N/A",
    "東京都千代田区\r\n丸の内 1-1-1",
)
WORDS = _words(
    "Lizenz Wartung Beratung Schulung Support Speicher Nutzung Einrichtung Betrieb "
    "Lieferung Kontingent Abonnement Überwachung Prüfung Änderung Zusatz"
)

_FIRST = _words(
    "Anna Björn Chiara Dmitri Élodie Frieda Günther Hanna İlker Jürgen Katarzyna "
    "Łukasz Márta Nils Oona Päivi Quirin Renée Søren Tomás Ulrike Věra Walter Xenia "
    "Yuki Zoë"
)
_LAST = _words(
    "Albers Böttcher Çelik D'Angelo Eßer Fuchs Grünwald Hübner Ivanova Jäger Köhler "
    "Lindqvist Müller Nuñez O'Brien Pfeiffer Quandt Rößler Şahin Thøgersen Übelacker "
    "Vogt Weiß Yılmaz Zieliński 山田 김"
)
_COMPANY_HEAD = _words(
    "Nordlicht Bergquell Silberfuchs Havelland Alpenrose Kranich Windrad Bernstein "
    "Mühlbach Feldspat Eichenhain Sturmvogel Lindenhof Glutkern Moosgrün Talblick"
)
_COMPANY_BODY = _words(
    "Logistik Medien Software Energie Möbel Werkzeug Pflege Druck Labor Bau Optik Netz"
)
_FORMS = ("GmbH", "AG", "& Co. KG", "e. G.", "UG (haftungsbeschränkt)", "S.à r.l.")
_SALUTATIONS = ("Mr.", "Ms.", "Dr.", "Prof.", None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """
    A country with a few of its cities, streets and its tax.

    *rates* are percentages; a place with *split* levies each of them on every line.
    """

    code: str
    country: str
    region: str
    currency: str
    cities: tuple[tuple[str, str], ...]
    streets: tuple[str, ...]
    rates: tuple[str, ...]
    split: bool = False


PLACES = (
    Place(
        code="DE",
        country="Deutschland",
        region="DE",
        currency="EUR",
        cities=(("07743", "Jena"), ("99084", "Erfurt"), ("80331", "München")),
        streets=("Löbdergraben", "Straße der Einheit", "Am Anger"),
        rates=("19", "7"),
    ),
    Place(
        code="AT",
        country="Österreich",
        region="EU",
        currency="EUR",
        cities=(("1010", "Wien"), ("5020", "Salzburg")),
        streets=("Währinger Straße", "Getreidegasse"),
        rates=("0",),
    ),
    Place(
        code="CH",
        country="Schweiz",
        region="CH",
        currency="CHF",
        cities=(("8001", "Zürich"), ("1201", "Genève")),
        streets=("Bahnhofstrasse", "Rue du Rhône"),
        rates=("7.7", "2.5"),
    ),
    Place(
        code="US",
        country="United States",
        region="US",
        currency="USD",
        cities=(("73301", "Austin"), ("80202", "Denver")),
        streets=("Congress Ave, Suite #4", "17th St"),
        rates=("6.25", "1.98765"),
        split=True,
    ),
    Place(
        code="GB",
        country="United Kingdom",
        region="GB",
        currency="GBP",
        cities=(("EC1A 1BB", "London"), ("M1 1AE", "Manchester")),
        streets=("St. John's Street", "King's Road"),
        rates=("20", "5"),
    ),
    Place(
        code="JP",
        country="日本",
        region="JP",
        currency="USD",
        cities=(("100-0005", "東京都"), ("530-0001", "大阪市")),
        streets=("丸の内", "梅田"),
        rates=("10",),
    ),
)
# Out of ten accounts: five German, one each of the others.
PLACE_OF_TENTH = (0, 0, 2, 0, 3, 0, 4, 1, 0, 5)


def place_of(account: int) -> Place:
    """
    Tell where the account of that number lives; its currency follows from it.
    """
    return PLACES[PLACE_OF_TENTH[account % 10]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """
    An invented contact person.
    """

    salutation: str | None
    first: str
    last: str
    email: str


def person(number: int, rng: Random) -> Person:
    """
    Invent the person of that number; the address is plain ASCII and unique.
    """
    return Person(
        salutation=rng.choice(_SALUTATIONS),
        first=rng.choice(_FIRST),
        last=rng.choice(_LAST),
        email=f"person.{number}+billing@example.com",
    )


def company(number: int, rng: Random) -> str:
    """
    Invent a company name; every hundredth fills the field's 255 characters.
    """
    name = (
        f"{rng.choice(_COMPANY_HEAD)} {rng.choice(_COMPANY_BODY)} {rng.choice(_FORMS)}"
    )
    if number % 100 == 42:
        return exactly(255, name)
    if number % 25 == 5:
        return f'{name} "Zweigstelle", {number}'
    return name


def exactly(length: int, start: str) -> str:
    """
    Make a text of exactly *length* characters that begins with *start*; no blank at an
    end.
    """
    filler = f"{start} – äöüß 0123456789; "
    whole = (filler * (length // len(filler) + 1))[: length - 1]
    return f"{whole}Ω"
