"""Words that questions are made of whatever they are about, by language.

"Not" and "without" are none of them: they change what is asked. Accents may stand or
be left out.
"""

STOP_WORDS = {
    "ar": "ما ماذا من متى أين كيف لماذا لم كم أي أية هل هو هي هم هذا هذه ذلك تلك التي "
    "الذي الذين في على إلى عن مع بين عند عندما حيث كان كانت يكون تكون كنت قد لقد "
    "أن إن أو و ف ثم لكن بل كل بعض أنا نحن أنت لي لك له لها هنا هناك يمكن يمكنني "
    "أستطيع أريد يجب تم منذ حتى إذا كما بعد قبل أيضا فضلك",
    "cs": "a aby ale ani asi až bude budu být byl byla bylo byly co což či do ho i já "
    "jak jaká jaké jaký jako je jeho její jejich jen ještě jestli jsem jsi jsme "
    "jsou již k kam kde kdo kdy kolik která které který kteří mám máme má mě mi "
    "mít mohu můj můžu může na nad nám nás nebo o od on ona oni po pod pokud pro "
    "proč prosím při s se si ta tak také tam ten tento to toho tomu tu tuto ty u "
    "už v vám vás ve z za ze že",
    "da": "af alle at blev blive bliver da de dem den denne der deres det dette dig din "
    "disse dog du efter eller en end er et for fra få får gør ham han har havde "
    "hej her hun hvad hvem hver hvilken hvilke hvilket hvis hvor hvordan hvorfor "
    "hvornår i jeg jer kan kunne man med men mig min mine mit må når nu og også "
    "om op os over på sig sin skal skulle som så til ud under var vi vil ville "
    "være været",
    "de": "aber alle als also am an auch auf aus bei beim bin bis bitte da damit dann "
    "das dass dein dem den denn der des dessen die dies diese diesem diesen "
    "dieser dieses doch dort du durch ein eine einem einen einer eines er es "
    "etwas euch fur gibt habe haben hat hier ich ihr ihre im in ist ja jede jeder "
    "kann kannst konnen konnte man mein meine meinem meinen meiner mich mir mit "
    "muss mussen nach noch nun nur ob oder sein seine sich sie sind so soll "
    "sollen sollte uber um und uns unser unsere unter vom von vor wann war waren "
    "warum was welche welchem welchen welcher welches wem wen wenn wer werden "
    "weshalb wie wieso wieviel will wir wird wo wofur womit woran wurde zu zum "
    "zur",
    "el": "ο η το οι τα του της των τον την ένα ένας μια μία και κι ή αν να θα σε στο "
    "στη στην στον στα στις στους στης από για με ως προς κατά μετά πριν που πού "
    "πως πώς πότε ποιος ποια ποιο ποιοι ποιες ποιον τι γιατί πόσο πόσος πόση πόσα "
    "πόσοι πόσες όταν όπου ότι είναι ήταν είμαι είχε έχει έχω έχουν κάνω κάνει "
    "μπορώ μπορεί πρέπει αυτό αυτός αυτή αυτά εγώ μου σου μας σας τους εκεί εδώ "
    "υπάρχει υπάρχουν",
    "en": "a about after again all also am an and any anyone are as at be because been "
    "before being but by can could did do does doing done don for from get give "
    "had has have having help hello here hi how i if in into is it its just know "
    "let like ll may me might mine much must my need of on one or our out over "
    "please re shall she should so some somebody someone something such tell than "
    "thank thanks that the their them then there these they this those through to "
    "too until up us ve very want was way we were what whats when where whether "
    "which while who whom whose why will with would you your yours",
    "es": "a al algo alguien ante aqui asi aun aunque cada como con cual cuales cuando "
    "cuanto cuanta cuantos de debe debo del desde donde el ella ellas ellos en "
    "entre era eres es esa ese eso esta estan estar estas este esto estos favor "
    "fue ha hace hacer hacia han hasta hay he la las le les lo los mas me mi mis "
    "muy nos nosotros nuestro o os para pero por porque pueda puede puedo que "
    "quien quienes se sea ser si sido sobre son soy su sus tambien te tengo tiene "
    "tienen tu tus un una unas uno unos usted ustedes y ya yo",
    "fa": "و در به از که این آن را با برای است بود بودند هست هستند می یا تا هم نیز چه "
    "چی چیست چگونه چطور چرا کجا کی کدام چند چقدر آیا من تو او ما شما آنها یک بر "
    "اگر شد شده شود کرد کند کنم کنید دارد دارم باید اما هر خود",
    "fi": "ei eli en entä että he hän ihan itse ja jo joka jos jossa jotka kanssa kuin "
    "kuinka kuka ketkä kenen koska kun kumpi kuten me mikä mitkä mihin mikäli "
    "miksi millainen milloin miltä minkä minne minun minulla minulle minä missä "
    "mistä miten mitä monta montako mutta myös ne niin nyt olen oli olisi olivat "
    "olla on ovat paljonko se sekä sen siellä sitä sinä tai tämä tämän te tuo voi "
    "voiko voin vai",
    "fr": "a ai alors apres as au aussi aux avec avez avoir avons c ca ce cela ces cet "
    "cette ceux chez comment combien d dans de des deux dois doit donc dont du "
    "elle elles en est et etes etre eu fait faire faut il ils j je l la le les "
    "leur leurs lui m ma mais me mes moi mon n ne nos notre nous on ont ou par "
    "parce peut peux plait plus pour pourquoi pouvez puis puisje qu quand que "
    "quel quelle quelles quels qui quoi s sa se ses si son sont sur svp t ta te "
    "tes toi ton tous tout toute tu un une vos votre vous y",
    "he": "מה מי מתי איפה היכן איך כיצד למה מדוע כמה איזה איזו אילו האם של את על אל עם "
    "מן או גם כי אם אבל זה זאת זו אלה הוא היא הם הן אני אתה אתם אנחנו שלי שלך לי "
    "לך לו לה היה היתה הייתה היו יש כל רק עוד כדי אשר אפשר יכול יכולה צריך צריכה "
    "ניתן בין אחרי לפני",
    "hi": "क्या कौन कब कहाँ कहां कैसे क्यों कितना कितने कितनी किस किसे किसने किसका "
    "किसके किसकी कौनसा का के की को से में पर ने है हैं था थे थी हो होता होती होते "
    "हुआ हुई हुए और या एक यह वह ये वे इस उस इन उन जो तो भी ही कि मैं हम आप मेरा "
    "मेरे मेरी लिए साथ गया गई गए कर करना करने करें किया जा जाता सकता सकते सकती "
    "रहा रहे रही द्वारा कोई कुछ अपने तक",
    "hu": "a az azok azt azzal be csak de e egy el én és ez ezek ezt fel ha hány hogy "
    "hogyan hol hova honnan ide ön is itt ki kik kell lehet le lesz ma majd meg "
    "mely melyik mennyi mert mi mik miért mikor milyen mint mit mivel most ne "
    "nekem neki ők ott össze s szét tud tudok van vagy vagyok vannak volt voltak",
    "id": "ada adalah agar akan anda apa apakah atau bagaimana bagi bahwa berapa bisa "
    "boleh dalam dan dapat dari dengan di dia harus ia ini itu juga kah kami "
    "kapan karena ke kepada kita maka mana mengapa mereka nya oleh pada para saat "
    "saja saya sebagai sebuah sedang seorang seperti siapa sudah telah tentang "
    "tersebut untuk yaitu yang",
    "it": "a agli ai al alla alle allo anche avere c ce che chi ci come con cosa cui d "
    "da dagli dai dal dalla dalle dei del della delle dello deve devo di dov dove "
    "e ed era essere fa fare favore fra gli ha hai hanno ho i il in io l la le "
    "lei li lo loro lui ma me mi mia mie miei mio ne negli nei nel nella nelle "
    "noi nostro o per perche piu po posso possono puo qual quale quali quando "
    "quanta quanti quanto quel quella quelle quello questa queste questi questo "
    "qui se sei si sia siamo sono sta su sua sue sugli sul sulla suo tra tu tua "
    "tuo un una uno vi voi vostro",
    "lt": "ar bet bei bus buvo būti dar dėl iki ir iš į jau ji jie jis jos kad kai kaip "
    "kam kas kada kiek ko kodėl koks kokia kokie kokios kur kuris kuri kurie "
    "kurios man mano mes nuo o per po prie prieš su savo ta tai tas tie to tu už "
    "yra",
    "nl": "aan al alle als bij ben bent daar dan dat de der deze die dit doe doen door "
    "dus een eens er ga gaat had hallo heb hebben heeft het hier hij hoe hoeveel "
    "hun ik in is ja je jij jullie jouw kan kun kunnen kunt maar mag me men met "
    "mij mijn moet moeten na naar nog nu of om omdat ons onze ook op over te "
    "tegen toch toe tot u uit uw van veel voor waar waarom wanneer was wat we wel "
    "welk welke werd wie wij wil worden wordt zal ze zich zij zijn zo zou",
    "no": "alle at av begge ble blei bli blir da de dem den denne der deres det dette "
    "dere deg din disse du eller en enn er et ett etter for fra før få får gjør "
    "ha hadde han har hei her hun hva hvem hver hvilken hvilke hvilket hvis hvor "
    "hvordan hvorfor i jeg kan kunne man med meg men min mine mitt må når nå og "
    "også om opp oss over på seg sin skal skulle som så til ut under var vi vil "
    "ville være vært",
    "pl": "a aby ale albo ani bo by być był była było były ci cię co czego czemu czy "
    "czyj dla do gdy gdzie go i ich ile im ja jak jaka jakie jaki jakich jakim "
    "jako jakiej je jego jej jest jestem jeśli jeżeli już kiedy kim kogo komu "
    "która które który którego której których którym którą którzy kto ma mam mamy "
    "mi mnie mogę moje moja mój można może my na nad nam nas nasz o od on ona one "
    "oni ono oraz po pod podczas ponieważ poza proszę przed przez przy są się "
    "skąd swoje ta tak także tam te tego tej ten to tu ty tych tylko tym u w we "
    "wam was wy z za ze że",
    "pt": "a ao aos aquela aquele aqui as ate com como cada da das de dela dele depois "
    "deve devo do dos e ela elas ele eles em entao entre era essa esse esta estao "
    "estar estas este estou eu faco faz fazer favor foi for ha isso isto ja la "
    "lhe mais mas me mesmo meu meus minha minhas muito na nas nem no nos nossa "
    "nosso o onde os ou para pela pelas pelo pelos pode podem por porque posso "
    "qual quais quando quanta quantas quanto quantos que quem sao se seja sem ser "
    "seu seus so sobre sua suas tambem te tem tenho ter tu um uma umas uns voce "
    "voces",
    "ro": "a ai al ale am ar are as asta au avea avem aveți care căror ce cel cea cei "
    "cele cine cu cui cum câți câte cât către când dar dacă de deci despre din "
    "după e ea ei el ele era este eu fi fie fost în îi își îmi la le lor lui mă "
    "mai mea mei mele meu mi o ori pe pentru prin poate pot pană până sa să sale "
    "sau se și sunt spre te tu un una unde unei unui unor va vă voi vom vor",
    "ru": "а бы был была были было быть в вам вас ваш все всех вы где да для до его ее "
    "если есть еще же за зачем здесь и из или им их к как какая какие какои какую "
    "когда кого кому который которая которые кто куда ли мне может можно мои мы "
    "на над надо нам нас наш него нее но нужно о об один он она они от откуда по "
    "под пожалуиста почему при про с сам свои себя сколько со та так также такои "
    "там те тем то того тоже только том ты у уже чего чем что чтобы чья эта эти "
    "это этого этои этом этот я",
    "sr": "a ali ako bi bih bio bila bilo biti čega čemu da do ga gde gdje i ili iz ja "
    "je jer još kad kada kako kakav kakva kakvo ko tko koga koja koje koji kojem "
    "kojeg kojoj koliko kome li me mi mogu može moj moja moje možete na nad nam "
    "nego o od on ona oni ono po pod pri s sa sam se si smo su što šta sve svoj "
    "ta tako te ti to tu u uz vam vas vi za zašto",
    "sv": "alla att av blev bli blir de dem den denna deras dess det detta dig din dina "
    "ditt du där då efter eller en er ett för från få får gör ha hade han har hej "
    "henne hon honom hur här i jag kan kunde man med mellan men mig min mina mitt "
    "måste ni nu när och också om oss på ska skall skulle samt sedan sig sin sitt "
    "som så till under upp ut var varför vad varje vart vem vems vi vid vilka "
    "vilken vilket vill är över",
    "tr": "acaba ama ancak bana bazı ben beni benim bir biri biz bu bunu bunun çok "
    "çünkü da daha de diye en gibi göre hangi hangisi hem hep her için ile ise "
    "kadar kaç kez ki kim kime kimin kimler mi mı mu mü musunuz mısınız miyim "
    "mıyım nasıl ne neden nedir neler nelerdir nerede nereden nereye niçin niye o "
    "olan olarak oldu olduğu olduğunu olur onlar onu onun sen siz sonra şey şu "
    "tarafından tüm var ve veya ya yani yapılır yapabilirim",
    "uk": "а або але б би був була були було в вам вас ваш ви вона вони воно від він "
    "все вже де для до з за зі і із її їх й його ким кого кому коли котрий куди "
    "ли мені ми мій міг можна може можу на над нам нас наш о об она от по під "
    "після при про скільки собі та так також там те ти тим то того тоді тому "
    "треба тут у хто це цей ця ці чи чия чий чого чому що щоб я як яка яке який "
    "які якого якій яким яку яких є",
    "vi": "ai bao nhiêu bằng bạn bị bởi các cái cách cần chiếc cho chúng có thể của "
    "cùng cũng đã đang đâu để đến được gì hay hãy hơn khi là lúc lại làm mà mấy "
    "một mình nào nên này nếu ở phải qua ra rằng rồi sẽ sao ta tại thế thì theo "
    "tôi trên trong từ và vào vẫn về vì việc với xin",
}

STOP_SIGNS = {
    "ja": "ですか ますか ましたか でしょうか ませんか のですか んですか ください 下さい について とは 何 なに なん どの どれ どこ どう どんな "
    "なぜ いつ 誰 だれ いくつ いくら です ます ました でした",
    "zh": "什么 甚么 什麼 甚麼 哪个 哪個 哪些 哪里 哪裡 哪儿 哪 多少 怎么样 怎么 怎麼 怎样 怎樣 如何 为什么 為什麼 为何 為何 是否 谁 誰 吗 "
    "嗎 呢 请问 請問",
}
"""The same where no spaces part words: what is cut out of a question's signs."""
