"""Names of nations, peoples, faiths and their followers: NORP, never a place or a person by themselves."""

import re

from corpusapp.text.words import words

_KNOWN = words("""
    Kazakh Kazakhs Uzbek Uzbeks Kurd Kurds Kurdish Arab Arabs Arabic French German Germans Dutch Greek Greeks Czech
    Thai Turk Turks Iraqi Iraqis Israeli Israelis Saudi Saudis Afghan Afghans Pakistani Pakistanis Muslim Muslims
    Christian Christians Jew Jews Jewish Sunni Sunnis Shiite Shiites Shia Catholic Catholics Protestant Protestants
    Orthodox Islamist Islamists Islamic Salafist Salafists Wahhabi Zionist Zionists Swiss Swede Swedes Dane Danes Finn
    Finns Pole Poles Serb Serbs Croat Croats Slovak Slovaks Slovene Uighur Uighurs Uyghur Hutu Tutsi Roma Tajik
    Turkmen Kyrgyz Druze Alawite Alawites Hindu Hindus Buddhist Sikh Buddhists Sikhs Yazidi Yazidis Copt Coptic Copts
    Houthi Houthis Qatari Emirati Kuwaiti Omani Yemeni Yemenis Bahraini Azeri Azeris Filipino Icelander Westerner
    Westerners Western European Europeans African Africans Asian Asians American Americans Latino Latinos Hispanic
    Briton Britons British English Irish Scottish Welsh Dutchman Frenchman Englishman Irishman Takfiri Takfiris Salafi
    Salafis Chechen Chechens Bengali Bangladeshi Bangladeshis Punjabi Pashtun Pashtuns Hazara Maori Aborigine Somali
    Somalis Nepali Nepalese
""")
_NATIONAL = re.compile(r"[A-Z][a-z]{2,}(?:ian|ians|nese|ese|ish|stani|stanis)\Z")
_PREFIXED = re.compile(r"(?:[Ii]ntra|[Aa]nti|[Pp]ro|[Pp]an|[Nn]on|[Ee]x)-([A-Z]\w+)\Z")
_NOT = words("Parish Finish Furnish Brian Adrian Julian Vivian Fabian")


def is_demonym(surface: str) -> bool:
    """Whether the surface names a people or faith by its own form."""
    if match := _PREFIXED.match(surface):
        surface = match[1]
    return surface in _KNOWN or (surface not in _NOT and _NATIONAL.match(surface) is not None)
