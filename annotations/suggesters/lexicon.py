"""Word lists for the rules: context words of names, and names of nations, peoples and faiths (NORP)."""

import re

from corpusapp.text.words import phrases, words

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
    """Whether the surface is the name of a people or faith."""
    if match := _PREFIXED.match(surface):
        surface = match[1]
    return surface in _KNOWN or (surface not in _NOT and _NATIONAL.match(surface) is not None)


SPEECH = words("""
    said says told tells added adds noted notes explained explains recalled recalls recounted insisted insists wrote
    writes thinks believes knows argued argues asked asks replied replies admitted acknowledged stressed stresses
    reiterated remarked commented conceded complained predicted emphasized emphasised hailed underlined quipped
""")
ROLES = words("""
    president minister premier chancellor secretary mr mrs ms dr sheikh ayatollah king queen prince princess pope
    father bishop archbishop patriarch cardinal judge justice senator congressman congresswoman representative rep sen
    gov governor mayor ambassador envoy chairman chairwoman chairperson ceo director coach striker midfielder defender
    goalkeeper keeper captain general colonel major lieutenant sergeant sir lord professor prof spokesman spokeswoman
    spokesperson lawyer attorney author expert analyst journalist reporter photographer correspondent player actor
    actress singer writer leader candidate commissioner chief boss manager lawmaker mep mp activist researcher
    scientist economist historian pm fm chiefs presidents ministers senators empress
    sultan emir shah director-general speaker deputy officer prosecutor diplomat dictator emperor
    philosopher composer painter artist rapper cyclist swimmer winger sociologist advisor adviser trainer teammate
    hojatoleslam seyyed maulana mullah imam rabbi rev reverend commander brigadier admiral theologian
    secretary-general secretary-designate founder owner editor columnist physicist biologist psychologist politician
    premier
""")
# Capitalized titles before a person's name, which are not part of it.
TITLES = words("""
    President Minister Premier Chancellor Secretary Mr Mrs Ms Dr Sheikh Ayatollah King Queen Prince Princess Pope
    Father Bishop Archbishop Patriarch Cardinal Judge Justice Senator Congressman Congresswoman Rep Sen Gov Governor
    Mayor Ambassador Chairman Chairwoman General Colonel Major Lieutenant Sergeant Sir Lord Professor Prof MEP MP PM
    FM Imam Rabbi Rev Reverend Commander Admiral Captain Countess Count Duke Duchess Baron Prime Foreign Vice Deputy
    Speaker Leader Supreme Director Hojatoleslam Coach Chief Seyyed Envoy Spokesman Spokeswoman Emir Crown Brigadier
    Advisor Adviser Sultan Gen Col Lt Sgt Capt Maj Inspector Empress Emperor Commissioner
""")
# Titles that are not surnames too, as "King" and "Bishop" are: a name may stand before them.
OFFICES = words("""
    Presidents Ministers Chancellors Senators Governors Ambassadors
    President Minister Premier Chancellor Secretary Mr Mrs Ms Dr Sheikh Ayatollah Senator Congressman Congresswoman Rep
    Sen Gov Governor Mayor Ambassador Chairman Chairwoman General Gen Colonel Col Lt Sgt Capt Maj Professor Prof MEP MP
    PM FM CEO Imam Rev Reverend Commander Admiral Director Envoy Spokesman Spokeswoman Hojatoleslam Seyyed Brigadier
    Sultan Emir Shah Archbishop Patriarch Commissioner Inspector Prosecutor Secretary-General Empress Emperor Bishop
    Striker Midfielder Defender Goalkeeper Captain Skipper
""")
# Words within names of persons, between two that are capitalized.
PARTICLES = words("""
    von van der den de da di do du del della dos das la le lo ten ter te zu zur bin ibn bint ben abu al el ul as ash y e
    Von Van Der Den De Da Di Do Du Del Della Dos Das La Le Lo Ten Ter Bin Ibn Ben Abu Al El Abd
""")
ORGANISATION_WORDS = words("""
    Party Ministry Bank Council Committee Commission Agency Association University Institute Organization Organisation
    Union Federation Corporation Company Group Inc Ltd Corp Foundation Court Parliament Congress Senate Assembly Army
    Forces Guard Guards Brigade Brigades Front Movement Alliance Coalition Authority Department Office Bureau Police
    Service Services Club FC SC SV VfB VfL TSV Times Herald News Radio TV Television Press Network College Board
    Center Centre Society Fund Trust Airlines Airways Motors Industries Systems Technologies Holdings AG GmbH SE
    Newspaper Magazine Academy Chamber Confederation Initiative Forum Syndicate Team Squad Navy Force Tribunal
    Secretariat Administration Consortium Watch International Borussia Bayer Real Atletico Sporting Dynamo Hertha
    Eintracht Daily Tribune Post Guardian Journal Zeitung Tagesspiegel Presse Quartet Faction Directorate Intelligence
""")
# Last words of names of buildings and sites; a part of BUILDING_WORDS, which occur anywhere in them.
BUILDINGS = words("""
    Museum Church Mosque Cathedral Gallery Campus Airport Palace Theatre Theater Stadium Bridge Tower Castle Shrine
    Capitol Steps Station Prison Square Monastery Synagogue Temple Mausoleum
""")
EVENT_WORDS = words("""
    League Cup Olympics Olympic Games Tour Bundesliga Championship Championships Conference Prize Award Festival War
    Revolution Summit Exercise Derby Battle Uprising Spring Intifada Accord Accords Talks Marathon Euro Carnival
""")
BUILDING_WORDS = words("""
    Museum Church Mosque Cathedral Gallery Campus Street Avenue Airport Palace Hospital Theatre Theater Stadium Square
    Bridge Tower Hotel Castle Schloss Clinic Shrine Capitol House Steps Gate Station Prison Base Camp Crossing Highway
""")
WATERS_AND_LANDS = words("""
    Sea Lake Ocean River Gulf Mountain Mountains Woods Island Islands Strait Straits Peninsula Valley Desert Heights
    Coast Bay Delta Plateau Forest Canal
""")
LAW_WORDS = words("Act Bill Treaty Constitution Resolution Protocol Charter Convention Covenant Law Decree Code")
REGIONS = phrases("""
    Europe,Asia,Africa,America,Latin America,South America,North America,Central America,Middle East,the Middle East,
    Balkans,Caucasus,Mediterranean,Southeast Asia,East Africa,West Africa,North Africa,Central Asia,Eurasia,Levant,
    Western Europe,Eastern Europe,Central Europe,Persian Gulf,Baltic,Arctic,Antarctica,Sahel,Maghreb,West,East
""")
GROUPS = phrases("""
    EU,UN,NATO,United Nations,European Union,Al Qaeda,al Qaeda,Al-Qaeda,al-Qaeda,al - Qaeda,Taliban,Hezbollah,Hamas,
    Islamic State,ISIS,ISIL,IS,Daesh,Boko Haram,al-Shabab,Fatah,PKK,FBI,CIA,NSA,IMF,World Bank,WTO,WHO,OPEC,IAEA,OSCE,
    Interpol,Europol,Pentagon,Kremlin,Congress,Bundestag,Bundesrat,Knesset,Majlis,Senate,Google,Facebook,Twitter,Apple,
    Microsoft,Amazon,Reuters,AFP,AP,dpa,DPA,BBC,CNN,Al Jazeera,al-Jazeera,DW,Deutsche Welle,IRNA,SANA,ISNA,FIFA,UEFA,
    UNESCO,UNICEF,UNHCR,Amnesty International,Human Rights Watch,Transparency International,Greenpeace,Red Cross,
    Arab League,African Union,ASEAN,Revolutionary Guards,Free Syrian Army,Security Council,General Assembly
""")
STATES = phrases("US,U.S.,USA,UK,UAE,U.A.E.,U.K.,United States,United Kingdom,United Arab Emirates,DPRK,GDR,EU27")
NOT_NAMES = words("""
    UTC GMT CCTV VAT GDP CEO PM FM TV DNA AIDS HIV WWI WWII Islam Christianity Judaism IQ PR Internet Web Monday
    Tuesday Wednesday Thursday Friday Saturday Sunday
""")
PLACE_PREPOSITIONS = words("in near from outside across throughout around inside")
PLACE_WORDS = words("city town state village province republic capital north south east west district region suburb")
ORGANISATION_BEFORE = words("""
    business miner lender insurer drugmaker carmaker automaker planemaker bookmaker brewer developer producer operator
    supplier exporter importer distributor broker brokerage fund investor consultancy consultants chain label brand
    utility refiner steelmaker chipmaker smelter lender subsidiary unit affiliate parent charity foundation university
    institute tracker platform app studio publisher regulator exchange team franchise outfit label think-tank tank
    company party firm broadcaster newspaper daily magazine agency group organization organisation movement
    manufacturer giant carrier airline champions side club network bank maker rivals rival watchdog conglomerate
    militia insurgents insurgent provider union alliance militant service website retailer startup companies
""")
ORGANISATION_AFTER = words("""
    executive executives stock shareholders shareholder investors staff workers customers plant plants subsidiary unit
    vaccine jet jets planes brand store stores analyst analysts economist researchers officials supporters rebels
    statement website app users driver drivers team coalition government-run bank
    party newspaper news spokesman spokeswoman spokesperson chairman lawmaker lawmakers parliamentarian militants
    fighters members member magazine shares employees CEO boss headquarters group leadership daily insurgents account
    whip commission committee faction radio camp veteran
""")
PLACE_AFTER = words("province city district county region airport")
CLUB_AFTER = words(
    "coach striker keeper midfielder captain players player squad fans bench goalkeeper chances defender"
)
CLUB_BEFORE = words("against over beat beating vs at to with by for and beats")
# Adherents of a party stand for the party: "the Greens".
PARTY_WORDS = words("""
    Democrats Republicans Greens Socialists Liberals Conservatives Communists Labour Tories Nationalists Centrists
""")
# Words after a disease, a good or a rule with a name, which is none of somebody.
THING_AFTER = words("""
    pandemic vaccine vaccines vaccination vaccinations virus outbreak outbreaks infection infections case cases test
    tests patients symptoms restrictions disease epidemic talks referendum deal tokens token currency prize award index
    futures
""")
# Capitalized words that are never a name by themselves.
COMMON = words("""
    The A An I In On At But And Or If It He She We They You This That These Those His Her Their Our My Its As For From
    To With By Of When While After Before Since Until Although Though Because So Yet Not No Yes What Who How Why Where
    Which There Here Then Now Also However Meanwhile According Some Many Most All Both Each Every Other Another More
    Such One Two Three First Second Last Next Monday Tuesday Wednesday Thursday Friday Saturday Sunday January
    February March April May June July August September October November December Mr Mrs Ms Dr Just Even Only Still Is
    Are Was Were Do Does Did Can Could Will Would Should Might Must Have Has Had During Under Over About Against
    Between Earlier Later Despite Due Given Once Them Several Elsewhere Maybe Perhaps Officials Experts Speaking Towards
    Toward Citizens Among Within Without Former Slideshow Photo Photos Feb Aug Sept Oct Nov Dec
    Reporting Editing Writing Additional File Illustration Handout
""")
