"""The language of short and odd texts; English news full of foreign names is English."""

import subprocess
import sys

import pytest

from copydesk.models.language import UNDETERMINED, detect
from copydesk.models.segmenter import read_article

ENGLISH = (
    "Nikol Pashinyan and Ilham Aliyev met Vladimir Putin in Sochi, TASS and Armenpress reported.",
    "The World Health Organization declares Senegal free of Ebola.",
    "Ecuador issues an alert for the Tungurahua volcano covering Chimborazo and Pastaza.",
    "Boko Haram gunmen kill dozens in Kukawa and Maiduguri.",
    "MOSCOW (REUTERS) - Sergei Shoigu called Suren Papikyan on Tuesday.",
    "ARMED MEN SEIZE PORT OF HODEIDAH FROM HOUTHI FORCES",
    "Saudi Prince Mohammed bin Salman meets Pope Tawadros II at Saint Mark's Cathedral.",
    "Ceasefire holds along the border",
)

NAMES_ABOVE_ALL = (
    "Peruvian President Alan García names José Antonio Chang as prime minister.",
    "Xi Jinping and Kim Jong Un meet in Pyongyang.",
    "Zuckerberg, Dorsey face Mueller",
    "Norsk Hydro planning bid for Alcan: report",
    "Euro zone in reverse, China speeds up",
    "Yahoo-Alibaba talks falling apart: sources",
    "2012 Malian coup d'état: Coup leaders in Bamako unveil a new constitution.",
)

OTHERS = {
    "de": "Die Polizei nahm am Dienstag drei Männer in Berlin fest.",
    "fr": "Le président a annoncé un cessez-le-feu mardi soir à la télévision.",
    "es": "El gobierno anunció un alto el fuego el martes por la noche.",
    "it": "Il governo ha annunciato un cessate il fuoco martedì sera.",
    "pt": "O governo anunciou um cessar-fogo na terça-feira.",
    "nl": "De politie heeft drie mannen aangehouden in Amsterdam.",
    "pl": "Rząd ogłosił we wtorek zawieszenie broni.",
    "ro": "Guvernul a anunțat marți un armistițiu cu rebelii.",
    "tr": "Polis salı günü Ankara'da üç kişiyi gözaltına aldı.",
    "az": "Azərbaycan Müdafiə Nazirliyi atəşkəs elan etdi.",
    "hy": "Հայաստանը հայտարարեց հրադադարի մասին։",
    "ka": "მთავრობამ სამშაბათს ცეცხლის შეწყვეტა გამოაცხადა.",
    "ru": "Россия призвала стороны к прекращению огня.",
    "uk": "Україна закликала сторони до припинення вогню.",
    "ar": "أعلنت الحكومة وقف إطلاق النار يوم الثلاثاء.",
    "fa": "دولت روز سه‌شنبه آتش‌بس اعلام کرد.",
    "he": "הממשלה הכריזה על הפסקת אש ביום שלישי.",
    "sw": "Serikali imetangaza kusitisha mapigano siku ya Jumanne.",
    "vi": "Chính phủ tuyên bố ngừng bắn hôm thứ Ba.",
    "ja": "政府は火曜日に停戦を発表した。",
}


@pytest.mark.parametrize("text", ENGLISH)
def test_english_with_foreign_names_is_english(text):
    language, score = detect(text)
    assert language == "en"
    assert 0.2 <= score <= 1.0


@pytest.mark.parametrize("text", NAMES_ABOVE_ALL)
def test_english_of_little_but_names_is_never_taken_for_another_language(text):
    assert detect(text)[0] in {"en", UNDETERMINED}


@pytest.mark.parametrize("language", OTHERS)
def test_one_sentence_tells_another_language(language):
    assert detect(OTHERS[language])[0] == language


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "12 345 678,90",
        "Hello",
        "Armenia",
        "😀😀😀 !!!",
        "asdkjh qwkjeh zxmcnb",
        "\ud800\udc00 \0",
        "https://t.co/xY7",
        "GOAL!!! 2-1",
    ],
)
def test_what_is_no_language_is_undetermined(text):
    assert detect(text) == (UNDETERMINED, 0.0)


def test_a_foreign_quotation_at_the_top_does_not_decide():
    quotation = "« Nous ne céderons pas, ni aujourd'hui ni demain », a dit le ministre. "
    body = "The minister spoke to reporters after a meeting of the cabinet in the capital on Monday. " * 60
    assert detect(quotation * 3 + body)[0] == "en"


def test_a_document_carries_its_language():
    document = read_article(OTHERS["ru"])
    assert document.language == "ru"
    assert document.language_score > 0.9
    assert read_article("Hello").language == UNDETERMINED


def test_the_detector_is_loaded_only_when_asked():
    code = "import sys, copydesk.models.segmenter; sys.exit('py3langid' in sys.modules or 'sentencex' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
