"""The people of an invented school get their names here: many origins, and what Moodle does to each letter."""

import unicodedata
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

_Choice = TypeVar("_Choice")


class Origin(NamedTuple):
    """Names that usually go together.

    Args:
        share: how many of a hundred people come from here.
        given: given names.
        family: family names.
    """

    share: int
    given: tuple[str, ...]
    family: tuple[str, ...]


def _words(text: str) -> tuple[str, ...]:
    """Split at blanks; an underscore stands for a blank inside a name."""
    return tuple(word.replace("_", " ") for word in text.split())


ORIGINS = (
    Origin(
        24,
        _words(
            "Oliver Amelia George Isla Harry Ava Jack Emily Charlie Sophie Thomas Grace Alfie Lily Henry Freya "
            "Theodore Evie Samuel Poppy Daniel Charlotte Edward Anne-Marie Benjamin Phoebe Joshua Beatrice Max Zoë "
            "Luke Chloë Rupert Harriet Toby Imogen"
        ),
        _words(
            "Smith Taylor Wright Thompson Walker Hughes Green Hall Wood Harris Clarke Turner Hill Cooper Ward Morris "
            "Bailey Parker Bennett Cook Shaw Holmes Mason Webb Palmer Barker Whitfield Ashworth Smith-Jones "
            "Hartley-Brewer Thorne Lockwood Pemberton Fairclough"
        ),
    ),
    Origin(
        8,
        _words(
            "Aoife Seán Niamh Cian Róisín Oisín Saoirse Fionn Caoimhe Darragh Siobhán Eoin Méabh Pádraig Órla Conor"
        ),
        _words(
            "O'Brien Murphy O'Connor Byrne Ó_Súilleabháin Walsh D'Arcy Kelly O'Neill Doyle Gallagher Ní_Dhonnchadha"
        ),
    ),
    Origin(
        7,
        _words("Rhys Carys Ewan Catriona Dylan Angharad Callum Eilidh Gethin Mhairi Iwan Bronwyn Hamish Siân"),
        _words("Jones MacDonald Davies McKenzie Evans Campbell Llewellyn MacLeod ap_Gwilym Fraser Rees Sinclair"),
    ),
    Origin(
        7,
        _words("Łukasz Zofia Jakub Małgorzata Szymon Agnieszka Paweł Żaneta Michał Kinga Wojciech Oliwia Bartłomiej"),
        _words("Nowak Kowalski Wiśniewska Zieliński Dąbrowski Łuczak Żółtowski Wójcik Kamińska Szczepański Gałązka"),
    ),
    Origin(
        6,
        _words("Sofía Íñigo Lucía Andrés Begoña José_María Inés Álvaro Ximena Joaquín María_José Raúl"),
        _words("Núñez García Muñoz Peña-Ortiz Ibáñez de_la_Cruz Fernández Yáñez Romero López Güell Castaño"),
    ),
    Origin(
        5,
        _words("João Inês Tomás Conceição Gonçalo Beatriz Simão Luísa André Lourenço"),
        _words("Silva Gonçalves dos_Santos Magalhães Pereira Araújo Conceição Brandão Simões Falcão"),
    ),
    Origin(
        5,
        _words("Élodie François Chloé Jean-Luc Anaïs Théo Maëlys Benoît Marie-Claire Noël Gaëlle Loïc"),
        _words("Lefèvre Moreau Dubois d'Aubigné Besançon Côté Garçon Saint-Pierre L'Hôpital Bérénger Rousseau"),
    ),
    Origin(
        5,
        _words("Jürgen Käthe Björn Annelie Moritz Änne Götz Lieselotte Jörg Friederike Karl-Heinz Ulrike"),
        _words("Müller Groß von_Weizsäcker Schröder Köhler Jäger Strauß Weiß Böhm Lüdtke Vogel Schäfer"),
    ),
    Origin(
        5,
        _words("Mara Åsa Søren Freja Håkon Linnéa Jörgen Ingrid Þór Ragnhild Mikkel Sólveig Aino Väinö"),
        _words("Lindqvist Sørensen Ångström Øverland Bjørnstad Sjöberg Guðmundsson Hæstrup Mäkinen Nygård Dahl"),
    ),
    Origin(
        6,
        _words("Aarav Priya Arjun Ananya Rohan Kavya Ishaan Meera Vikram Harpreet Tariq Farida Imran Nasreen"),
        _words("Patel Sharma Singh Kaur Rahman Iyer Chowdhury Nair Gupta Hussain Banerjee Kulkarni Begum"),
    ),
    Origin(
        5,
        _words("Yusuf Layla Omar Fatima Khalid Noor Abd_al-Rahman Salma Zayd Ra'ed Maryam Idris"),
        _words("al-Farsi Haddad Mansour El-Sayed Bin_Laith Khoury Sa'ad Qureshi Nasser Benali"),
    ),
    Origin(
        4,
        _words("Çağla Emre Gülşen İbrahim Şebnem Oğuz Elif Yiğit Aslı Tuğba"),
        _words("Yılmaz Öztürk Şahin Çelik Aydın Koç Doğan Güneş Kılıç Erdoğmuş"),
    ),
    Origin(
        4,
        _words("Wei Xiu Jun Mei-Ling Hao Jia Lü Yan Zihan Bo"),
        _words("Li Wang Zhang Chen Ng Liu Huang Au-Yeung Lü Tan"),
    ),
    Origin(
        3,
        _words("Minh Thảo Đức Hương Quân Ngọc Tuấn Ánh"),
        _words("Nguyễn Trần Lê Phạm Đặng Võ Bùi Đỗ"),
    ),
    Origin(
        4,
        _words("Chinedu Adaeze Kwame Abena Olúwaṣeun Ngozi Kofi Yetunde Tendai Amara N'Golo Thandiwe"),
        _words("Okafor Mensah Adébáyò Owusu Nwosu Diallo N'Diaye Moyo Asante Okonkwo-Bright Mbeki"),
    ),
    Origin(
        2,
        _words("Dimítris Eléni Giórgos Chrysoúla Nikólaos Zoï Ivan Nadezhda Zdeněk Tereza Ferenc Zsófia"),
        _words("Papadopoúlou Christodoulídis Petrović Dvořák Horváth Kovačević Nagy Ștefănescu Šimůnková Țăran"),
    ),
)

# Letters that carry no separate accent, so that decomposing them leaves them as they are.
_PLAIN = str.maketrans(
    {
        "ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "ß": "ss", "æ": "ae", "Æ": "Ae", "đ": "d", "Đ": "D",
        "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "ı": "i",
    }
)  # fmt: skip


def plain(name: str) -> str:
    """Write a name with the letters a to z alone: `Łukasz` becomes `lukasz`, `O'Brien` becomes `obrien`."""
    spread = unicodedata.normalize("NFKD", name.translate(_PLAIN))
    return "".join(letter for letter in spread.lower() if "a" <= letter <= "z")


class NameGiver:
    """Gives names and user names to one person after another.

    Args:
        chance: the school's source of chance, a function that answers a number from 0 up to but excluding 1.
        usernames: user names taken already.
        names: given and family names of people here already.
    """

    TRIES = 6

    def __init__(self, chance: Callable[[], float], usernames: set[str], names: set[tuple[str, str]]) -> None:
        self._chance = chance
        self._usernames = usernames
        self._names = names
        self._next_number: dict[str, int] = {}
        self._by_share = [origin for origin in ORIGINS for _ in range(origin.share)]
        self._plain: dict[str, str] = {}

    def name(self) -> tuple[str, str]:
        """Give a name that nobody has yet, or after a few tries one that somebody has."""
        for _ in range(self.TRIES):
            given, family = self._any_name()
            if (given, family) not in self._names:
                break
        self._names.add((given, family))
        return given, family

    def username(self, given: str, family: str) -> str:
        """Give a user name that nobody has: `mara.lindqvist`, the next one `mara.lindqvist2`."""
        base = f"{self._letters(given)}.{self._letters(family)}"
        number = self._next_number.get(base, 1)
        username = base if number == 1 else f"{base}{number}"
        while username in self._usernames:
            number += 1
            username = f"{base}{number}"
        self._next_number[base] = number + 1
        self._usernames.add(username)
        return username

    def _letters(self, name: str) -> str:
        if name not in self._plain:
            self._plain[name] = plain(name)
        return self._plain[name]

    def _any_name(self) -> tuple[str, str]:
        home = self._pick(self._by_share)
        # One in five has parents from two places.
        away = self._pick(self._by_share) if self._chance() < 0.2 else home
        return self._pick(home.given), self._pick(away.family)

    def _pick(self, choices: Sequence[_Choice]) -> _Choice:
        return choices[int(self._chance() * len(choices))]
