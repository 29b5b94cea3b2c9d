"""Names of places: states, and cities that newspapers name without their state."""

from corpusapp.text.dates import MONTHS, WEEKDAYS
from corpusapp.text.words import phrases, words

COUNTRIES = phrases("""
    afghanistan,albania,algeria,andorra,angola,argentina,armenia,australia,austria,azerbaijan,bahrain,bangladesh,
    belarus,belgium,benin,bhutan,bolivia,bosnia,bosnia and herzegovina,
    botswana,brazil,britain,brunei,bulgaria,burkina faso,burundi,
    cambodia,cameroon,canada,chad,chile,china,colombia,comoros,congo,costa rica,croatia,cuba,cyprus,czech republic,
    denmark,djibouti,dominican republic,ecuador,egypt,el salvador,england,eritrea,estonia,ethiopia,fiji,finland,
    france,gabon,gambia,gaza strip,georgia,germany,ghana,greece,guatemala,guinea,guyana,haiti,honduras,hungary,
    iceland,india,indonesia,iran,iraq,ireland,israel,italy,ivory coast,jamaica,japan,jordan,kazakhstan,kenya,kosovo,
    kuwait,kyrgyzstan,laos,latvia,lebanon,lesotho,liberia,libya,liechtenstein,lithuania,luxembourg,madagascar,
    malawi,malaysia,maldives,mali,malta,mauritania,mauritius,mexico,moldova,mongolia,montenegro,morocco,mozambique,
    myanmar,namibia,nepal,netherlands,new zealand,nicaragua,niger,nigeria,north korea,north macedonia,
    northern ireland,norway,oman,pakistan,palestine,panama,paraguay,peru,philippines,poland,portugal,qatar,romania,
    russia,rwanda,saudi arabia,scotland,senegal,serbia,sierra leone,slovakia,slovenia,somalia,south africa,
    south korea,south sudan,spain,sri lanka,sudan,sweden,switzerland,syria,taiwan,tajikistan,tanzania,thailand,togo,
    tunisia,turkey,türkiye,turkmenistan,uae,uganda,ukraine,united arab emirates,uruguay,uzbekistan,venezuela,vietnam,
    wales,west bank,yemen,zambia,zimbabwe
""")
CITIES = phrases("""
    abu dhabi,abuja,accra,addis ababa,aden,aleppo,algiers,almaty,amman,amsterdam,ankara,antakya,astana,athens,
    baghdad,baku,bali,bangkok,barcelona,basra,beijing,beirut,belgrade,benghazi,berlin,bern,bogota,bonn,bratislava,
    brussels,bucharest,budapest,buenos aires,cairo,canberra,caracas,casablanca,chicago,copenhagen,damascus,dhaka,
    doha,dubai,dublin,erbil,frankfurt,gaza,gaza city,geneva,guantanamo bay,hama,hanoi,harare,hasaka,havana,helsinki,
    homs,hong kong,idlib,irbil,islamabad,istanbul,jakarta,jeddah,jerusalem,johannesburg,juba,kabul,kampala,karachi,
    khartoum,kiev,kinshasa,kirkuk,kuala lumpur,kuwait city,kyiv,lagos,latakia,lima,lisbon,london,los angeles,madrid,
    manama,manila,mashhad,mexico city,milan,minsk,mogadishu,monaco,montreal,moscow,mosul,mumbai,munich,muscat,
    nairobi,najaf,new delhi,new york,nicosia,nusaybin,oslo,ottawa,panama city,paris,prague,pretoria,pyongyang,qom,
    quito,rabat,ramallah,raqqa,rio de janeiro,riyadh,rome,sanaa,santiago,sao paulo,sarajevo,seoul,shanghai,
    singapore,skopje,sochi,sofia,st. petersburg,stockholm,strasbourg,sydney,taipei,tartus,tashkent,tbilisi,tehran,
    tel aviv,the hague,tokyo,toronto,tripoli,tunis,ulan bator,united nations,vatican city,vienna,vilnius,warsaw,
    washington,wellington,yaounde,yerevan,zagreb,zurich
""")
_OTHER_OPENINGS = words("""
    breaking exclusive update updated watch listen note opinion analysis correction corrected file photo photos video
    live read related live urgent alert poll quiz review interview comment editorial advisory factbox timeline
    highlights explainer profile column letter sport sports world news business politics un us uk eu usa nato uae who
    imf isis isil covid covid-19 sars q a the and but how why what when where who tips tip-ins insight feature
    newsletter advertisement embargoed eds flash snap wrapup preview graphic story part chapter step day live
""")
_OTHER_FIRST_WORDS = words("""
    a an the on in at by of for from to with since after before during until when while as if this that these those
    his her their its our my he she it they we you i last next early late but and or so yet however meanwhile
    mr mrs ms dr president minister prime foreign king queen sheikh general colonel source sources
""")
_PARTICLES = words("of de da do du la le el al ez es am an der upon and on")


def is_known_place(name: str) -> bool:
    """A state, or a city that newspapers name without its state."""
    key = name.casefold()
    return key in CITIES or key in COUNTRIES


def is_other_opening(name: str) -> bool:
    """A word that begins a sentence or a line in capitals and is not a place."""
    parts = name.casefold().split()
    return (
        not parts or name.casefold() in _OTHER_OPENINGS or (parts[0] in _OTHER_FIRST_WORDS and not is_known_place(name))
    )


def may_be_place(name: str) -> bool:
    """Capitalised like the name of a place, and not a word that begins other lines."""
    parts = name.split()
    if is_other_opening(name) or (is_calendar(parts[-1]) and not is_known_place(name)):
        return False
    if any(part.strip(".,").casefold() in WEEKDAYS for part in parts):
        return False
    return len(name) >= 3 and parts[0][0] == parts[0][0].upper() and all(_has_capital(part) for part in parts)


def is_calendar(word: str) -> bool:
    """The name of a month or a weekday."""
    key = word.strip(".,").casefold()
    return key in MONTHS or key in WEEKDAYS


def _has_capital(part: str) -> bool:
    return part[0] == part[0].upper() or part.startswith(("al-", "el-", "as-", "ez-")) or part in _PARTICLES
