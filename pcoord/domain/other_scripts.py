"""Names in other scripts as they are said and typed in Latin letters: several ways, where usual.

Arabic and Hebrew leave vowels out, and characters are read otherwise in each language, so that the
commonest names stand here with their usual spellings. All others are spelt letter by letter, by
anyascii, which is imported with the first name that needs it.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache
from itertools import zip_longest

# What Unicode calls the letters of each name begins so.
_LATIN = "LATIN"
_LETTERS = frozenset({"Lu", "Ll", "Lt", "Lo"})
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_SYLLABLE = re.compile(r"[A-Z][^A-Z]*|[^A-Z]+")

_USUAL = """
محمد mohammed muhammad mohamed mohammad
أحمد ahmed ahmad
محمود mahmoud mahmud
حامد hamed hamid
علي ali
عمر omar umar
عثمان othman usman osman
حسن hassan hasan
حسين hussein hussain husayn
فاطمة fatima fatma fatimah
عائشة aisha ayesha
خديجة khadija
زينب zainab zeinab
مريم maryam mariam
عبدالله abdullah abdallah
عبدالرحمن abdulrahman abdelrahman
عبدالعزيز abdulaziz
عبد abdul abdel
الله allah
الرحمن rahman alrahman
العزيز aziz alaziz
إبراهيم ibrahim
إسماعيل ismail
يوسف yousef youssef yusuf
يعقوب yaqub yacoub
موسى musa moussa
عيسى issa isa
خالد khaled khalid
طارق tariq tarek
سعيد said saeed
سعد saad
سمير samir sameer
كريم karim kareem
جمال jamal gamal
كمال kamal
نور nour noor
نورا noura
ليلى layla leila
سارة sara sarah
هدى huda hoda
أمل amal
منى mona muna
رشيد rashid rasheed
سليم salim saleem
سالم salem
صالح saleh salih
مصطفى mustafa mostafa
بكر bakr
حمزة hamza
ياسين yassin yasin
ياسر yasser
عادل adel adil
فيصل faisal faysal
ناصر nasser nasir
منصور mansour mansur
حداد haddad
خوري khoury
نجار najjar
المصري masri almasri
القاسم qasim alqasim
رضا reza rida
حسینی hosseini
כהן cohen kohen
לוי levi levy
דוד david
משה moshe
יעקב yaakov jacob yakov
יצחק yitzhak isaac
אברהם avraham abraham
יוסף yosef joseph
שרה sarah sara
רחל rachel
רבקה rivka rebecca
לאה leah lea
מרים miriam
חנה hannah chana
אסתר esther ester
רות ruth
שמואל shmuel samuel
דניאל daniel
מיכאל michael
שלמה shlomo solomon
אהרן aharon aaron
אליהו eliyahu
חיים chaim haim
יהודה yehuda judah
בנימין binyamin benjamin
בן ben
בר bar
מזרחי mizrahi
פרץ peretz
ביטון biton
אברמוב abramov
פרידמן friedman
גולדברג goldberg
שפירא shapira shapiro
רוזנברג rosenberg
כץ katz
김 kim
이 lee yi rhee
박 park pak
최 choi
정 jung chung jeong
조 cho jo
강 kang
윤 yoon yun
장 jang chang
임 lim im
한 han
오 oh
서 seo suh
신 shin
권 kwon
황 hwang
안 ahn an
송 song
류 ryu yoo
유 yoo yu
홍 hong
전 jeon jun
고 ko koh
문 moon
손 son sohn
양 yang
배 bae
백 baek paik
허 heo hur huh
남 nam
심 shim sim
노 noh roh
하 ha
곽 kwak
성 sung
차 cha
주 joo ju
우 woo
구 koo
나 na
민 min
진 jin
엄 um eom
원 won
방 bang
공 kong
현 hyun
변 byun
王 wang wong
李 li lee
张 張 zhang cheung chang
刘 劉 liu lau
陈 陳 chen chan
杨 楊 yang yeung
黄 黃 huang wong
赵 趙 zhao chiu
吴 吳 wu ng
周 zhou chow chau
徐 xu hsu
孙 孫 sun
马 馬 ma
朱 zhu chu
胡 hu woo
郭 guo kwok
何 he ho
林 lin lam hayashi
罗 羅 luo law lo
郑 鄭 zheng cheng
梁 liang leung
谢 謝 xie tse
许 許 xu hui
邓 鄧 deng tang
冯 馮 feng fung
曾 zeng tsang
蔡 cai tsai choi
叶 葉 ye yip
潘 pan poon
关 關 guan kwan
金 jin kim
佐藤 sato satoh
鈴木 suzuki
高橋 takahashi
田中 tanaka
伊藤 ito itoh
渡辺 渡邊 watanabe
山本 yamamoto
中村 nakamura
小林 kobayashi
加藤 kato katoh
吉田 yoshida
山田 yamada
佐々木 sasaki
山口 yamaguchi
松本 matsumoto
井上 inoue
木村 kimura
斎藤 斉藤 齋藤 saito saitoh
清水 shimizu
山崎 yamazaki yamasaki
森 mori
池田 ikeda
橋本 hashimoto
阿部 abe
石川 ishikawa
山下 yamashita
中島 nakajima
石井 ishii
小川 ogawa
前田 maeda
岡田 okada
長谷川 hasegawa
藤田 fujita
後藤 goto
近藤 kondo
村上 murakami
遠藤 endo
青木 aoki
坂本 sakamoto
福田 fukuda
太田 ota ohta
西村 nishimura
藤井 fujii
岡本 okamoto
藤原 fujiwara
中野 nakano
三浦 miura
原田 harada
松田 matsuda
中川 nakagawa
小野 ono
田村 tamura
竹内 takeuchi
和田 wada
中山 nakayama
石田 ishida
上田 ueda
森田 morita
柴田 shibata
酒井 sakai
宮崎 miyazaki
内田 uchida
高木 takagi
大野 ono ohno
सिंह singh
"""

# How syllables of Korean names are usually written, where the rule of the state is not followed.
_SYLLABLES = dict(
    re.findall(
        r"(\S)(\w+)",
        """
        영young 희hee 현hyun 수soo 우woo 주joo 경kyung 정jung 성sung 훈hoon 숙sook 순soon 철chul
        혁hyuk 선sun 기ki 규kyu 광kwang 국kook 근keun 건kun 김kim 이lee 박park 최choi 문moon
        """,
    )
)

_GREEK = (("ου", "ou"), ("αυ", "av"), ("ευ", "ev"), ("γγ", "ng"), ("γχ", "nch"))
_GREEK_FIRST = (("μπ", "b"), ("ντ", "d"), ("γκ", "g"), ("τζ", "tz"))

# The scripts of India stand in Unicode in one order, 128 places each.
_INDIA = range(0x0900, 0x0D80)
_CONSONANTS = dict(
    enumerate(
        re.findall(
            r"\w+",
            """
            k kh g gh n ch chh j jh n t th d dh n t th d dh n n p ph b bh m y r r l l zh v sh sh s h
            """,
        ),
        start=0x15,
    )
)
_VOWELS = dict(enumerate(re.findall(r"\w+", "a a i i u u ri li e e e ai o o o au"), start=0x05))
_SIGNS = dict(enumerate(re.findall(r"\w+", "a i i u u ri ri e e e ai o o o au"), start=0x3E))
_NASALS = {0x01: "n", 0x02: "n", 0x03: "h", 0x70: "n"}
_NUKTA, _ADDAK = 0x3C, 0x71


@lru_cache(4096)
def in_latin(name: str) -> tuple[str, ...]:
    """Return a name that is in another script in Latin letters, in each usual way; else nothing.

    Words are in small letters, the syllables of Chinese and Korean ones apart.
    """
    if name.isascii() or not any(map(_is_foreign, _NOT_ASCII.findall(name))):
        return ()
    words = [_ways(word) for word in _words(name)]
    most = max(map(len, words), default=0)
    said = (" ".join(ways[min(n, len(ways) - 1)] for ways in words if ways) for n in range(most))
    return tuple(dict.fromkeys(filter(None, said)))


def _is_foreign(letter: str) -> bool:
    if unicodedata.category(letter) not in _LETTERS:
        return False
    return not unicodedata.name(letter, _LATIN).startswith(_LATIN)


def _words(name: str) -> list[str]:
    plain = unicodedata.normalize("NFC", name)
    return "".join(c if c.isalpha() or _is_mark(c) else " " for c in plain).split()


def _is_mark(character: str) -> bool:
    return unicodedata.category(character)[0] == "M"


def _ways(word: str) -> list[str]:
    """Return how one word is written in Latin letters, its commonest spelling first."""
    known = _usual()
    bare = _bare(word)
    found = list(known.get(bare, ()))
    if bare.startswith("ال") and (rest := known.get(bare[2:])):
        found += [f"al {one}" for one in rest]
    if not found or _is_syllabic(word):
        found += _spelt(word)
    return found


def _bare(word: str) -> str:
    """Return a word of Arabic or Hebrew without its points, and with one form of each letter."""
    kept = unicodedata.normalize("NFKD", word)
    return "".join(c for c in kept if not _is_mark(c)) if _has_points(word) else word


def _has_points(word: str) -> bool:
    return "\u0590" <= word[0] <= "\u06ff"


@cache
def _usual() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in _USUAL.split("\n"):
        words = line.split()
        spellings = [word for word in words if word.isascii()]
        for word in words[: len(words) - len(spellings)]:
            found[_bare(word)] = spellings
    return found


def _is_syllabic(word: str) -> bool:
    return "\u3400" <= word[0] <= "\u9fff" or "\uac00" <= word[0] <= "\ud7a3"


def _spelt(word: str) -> list[str]:
    """Return a word letter by letter; of Hangul also as most Koreans write it."""
    if ord(word[0]) in _INDIA:
        return [_of_india(word)]
    from anyascii import anyascii

    if "\uac00" <= word[0] <= "\ud7a3":
        usual = " ".join(_SYLLABLES.get(c) or _letters(anyascii(c)) for c in word)
        return list(dict.fromkeys((usual, " ".join(_letters(anyascii(c)) for c in word))))
    if _is_syllabic(word):
        return [" ".join(map(_letters, _SYLLABLE.findall(anyascii(word))))]
    return [_letters(anyascii(_of_greece(word)))]


def _letters(text: str) -> str:
    return re.sub(r"[^a-z]", "", text.casefold())


def _of_greece(word: str) -> str:
    """Return a Greek word with the letters that are said as one spelt as they sound."""
    if not "\u0370" <= word[0] <= "\u03ff":
        return word
    plain = unicodedata.normalize("NFD", word.casefold())
    plain = "".join(c for c in plain if not _is_mark(c))
    for first, sound in _GREEK_FIRST:
        plain = sound + plain[2:] if plain.startswith(first) else plain
    for pair, sound in _GREEK:
        plain = plain.replace(pair, sound)
    return plain


def _of_india(word: str) -> str:
    """Return a word of an Indian script: a consonant before another one is said with an a."""
    places = [ord(c) % 0x80 for c in word if ord(c) in _INDIA]
    places = [place for place in places if place not in (_NUKTA, _ADDAK)]
    return "".join(_sounds(places))


def _sounds(places: list[int]) -> Iterable[str]:
    voiced = {*_CONSONANTS, *_NASALS}
    for place, after in zip_longest(places, places[1:]):
        if place in _CONSONANTS:
            yield _CONSONANTS[place] + ("a" if after in voiced else "")
        else:
            yield _VOWELS.get(place) or _SIGNS.get(place) or _NASALS.get(place, "")
