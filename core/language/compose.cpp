// compose(): canonical composition of two characters.  One row for each mark: the letters it joins, and what
// they become; from the Unicode character database (primary composites of the basic plane).
#include <algorithm>
#include <array>
#include <string_view>

#include "language/text.h"

namespace ambit::language {
namespace {

struct Row {
    char32_t mark;
    std::u32string_view letters;
    std::u32string_view composed;
};

// clang-format off
constexpr std::array<Row, 54> kRows = {{
    {0x0300,
     U"AEINOUWYaeinouwy\u00a8ÂÊÔÜâêôüĂăĒēŌōƠơƯưΑΕΗΙΟΥΩαεηιουωϊϋЕИеиἀἁἈἉἐἑἘἙἠἡἨἩἰἱἸἹὀὁὈὉὐὑὙὠὡὨὩ\u1fbf"
     U"\u1ffe",
     U"ÀÈÌǸÒÙẀỲàèìǹòùẁỳ\u1fedẦỀỒǛầềồǜẰằḔḕṐṑỜờỪừᾺῈῊῚῸῪῺὰὲὴὶὸὺὼῒῢЀЍѐѝἂἃἊἋἒἓἚἛἢἣἪἫἲἳἺἻὂὃὊὋὒὓὛὢὣὪὫ\u1fcd"
     U"\u1fdd"},
    {0x0301,
     U"ACEGIKLMNOPRSUWYZacegiklmnoprsuwyz\u00a8ÂÅÆÇÊÏÔÕØÜâåæçêïôõøüĂăĒēŌōŨũƠơƯưΑΕΗΙΟΥΩαεηιουωϊϋϒГКгкἀἁἈ"
     U"ἉἐἑἘἙἠἡἨἩἰἱἸἹὀὁὈὉὐὑὙὠὡὨὩ\u1fbf\u1ffe",
     U"ÁĆÉǴÍḰĹḾŃÓṔŔŚÚẂÝŹáćéǵíḱĺḿńóṕŕśúẃýź\u0385ẤǺǼḈẾḮỐṌǾǗấǻǽḉếḯốṍǿǘẮắḖḗṒṓṸṹỚớỨứΆΈΉΊΌΎΏάέήίόύώΐΰϓЃЌѓќἄἅἌ"
     U"ἍἔἕἜἝἤἥἬἭἴἵἼἽὄὅὌὍὔὕὝὤὥὬὭ\u1fce\u1fde"},
    {0x0302,
     U"ACEGHIJOSUWYZaceghijosuwyzẠạẸẹỌọ",
     U"ÂĈÊĜĤÎĴÔŜÛŴŶẐâĉêĝĥîĵôŝûŵŷẑẬậỆệỘộ"},
    {0x0303,
     U"AEINOUVYaeinouvyÂÊÔâêôĂăƠơƯư",
     U"ÃẼĨÑÕŨṼỸãẽĩñõũṽỹẪỄỖẫễỗẴẵỠỡỮữ"},
    {0x0304,
     U"AEGIOUYaegiouyÄÆÕÖÜäæõöüǪǫȦȧȮȯΑΙΥαιυИУиуḶḷṚṛ",
     U"ĀĒḠĪŌŪȲāēḡīōūȳǞǢȬȪǕǟǣȭȫǖǬǭǠǡȰȱᾹῙῩᾱῑῡӢӮӣӯḸḹṜṝ"},
    {0x0306,
     U"AEGIOUaegiouȨȩΑΙΥαιυАЕЖИУаежиуẠạ",
     U"ĂĔĞĬŎŬăĕğĭŏŭḜḝᾸῘῨᾰῐῠӐӖӁЙЎӑӗӂйўẶặ"},
    {0x0307,
     U"ABCDEFGHIMNOPRSTWXYZabcdefghmnoprstwxyzŚśŠšſṢṣ",
     U"ȦḂĊḊĖḞĠḢİṀṄȮṖṘṠṪẆẊẎŻȧḃċḋėḟġḣṁṅȯṗṙṡṫẇẋẏżṤṥṦṧẛṨṩ"},
    {0x0308,
     U"AEHIOUWXYaehiotuwxyÕõŪūΙΥιυϒІАЕЖЗИОУЧЫЭаежзиоучыэіӘәӨө",
     U"ÄËḦÏÖÜẄẌŸäëḧïöẗüẅẍÿṎṏṺṻΪΫϊϋϔЇӒЁӜӞӤӦӰӴӸӬӓёӝӟӥӧӱӵӹӭїӚӛӪӫ"},
    {0x0309,
     U"AEIOUYaeiouyÂÊÔâêôĂăƠơƯư",
     U"ẢẺỈỎỦỶảẻỉỏủỷẨỂỔẩểổẲẳỞởỬử"},
    {0x030A,
     U"AUauwy",
     U"ÅŮåůẘẙ"},
    {0x030B,
     U"OUouУу",
     U"ŐŰőűӲӳ"},
    {0x030C,
     U"ACDEGHIKLNORSTUZacdeghijklnorstuzÜüƷʒ",
     U"ǍČĎĚǦȞǏǨĽŇǑŘŠŤǓŽǎčďěǧȟǐǰǩľňǒřšťǔžǙǚǮǯ"},
    {0x030F,
     U"AEIORUaeioruѴѵ",
     U"ȀȄȈȌȐȔȁȅȉȍȑȕѶѷ"},
    {0x0311,
     U"AEIORUaeioru",
     U"ȂȆȊȎȒȖȃȇȋȏȓȗ"},
    {0x0313,
     U"ΑΕΗΙΟΩαεηιορυω",
     U"ἈἘἨἸὈὨἀἐἠἰὀῤὐὠ"},
    {0x0314,
     U"ΑΕΗΙΟΡΥΩαεηιορυω",
     U"ἉἙἩἹὉῬὙὩἁἑἡἱὁῥὑὡ"},
    {0x031B,
     U"OUou",
     U"ƠƯơư"},
    {0x0323,
     U"ABDEHIKLMNORSTUVWYZabdehiklmnorstuvwyzƠơƯư",
     U"ẠḄḌẸḤỊḲḶṂṆỌṚṢṬỤṾẈỴẒạḅḍẹḥịḳḷṃṇọṛṣṭụṿẉỵẓỢợỰự"},
    {0x0324,
     U"Uu",
     U"Ṳṳ"},
    {0x0325,
     U"Aa",
     U"Ḁḁ"},
    {0x0326,
     U"STst",
     U"ȘȚșț"},
    {0x0327,
     U"CDEGHKLNRSTcdeghklnrst",
     U"ÇḐȨĢḨĶĻŅŖŞŢçḑȩģḩķļņŗşţ"},
    {0x0328,
     U"AEIOUaeiou",
     U"ĄĘĮǪŲąęįǫų"},
    {0x032D,
     U"DELNTUdelntu",
     U"ḒḘḼṊṰṶḓḙḽṋṱṷ"},
    {0x032E,
     U"Hh",
     U"Ḫḫ"},
    {0x0330,
     U"EIUeiu",
     U"ḚḬṴḛḭṵ"},
    {0x0331,
     U"BDKLNRTZbdhklnrtz",
     U"ḆḎḴḺṈṞṮẔḇḏẖḵḻṉṟṯẕ"},
    {0x0338,
     U"\u003c\u003d\u003e\u2190\u2192\u2194\u21d0\u21d2\u21d4\u2203\u2208\u220b\u2223\u2225\u223c\u2243"
     U"\u2245\u2248\u224d\u2261\u2264\u2265\u2272\u2273\u2276\u2277\u227a\u227b\u227c\u227d\u2282\u2283"
     U"\u2286\u2287\u2291\u2292\u22a2\u22a8\u22a9\u22ab\u22b2\u22b3\u22b4\u22b5",
     U"\u226e\u2260\u226f\u219a\u219b\u21ae\u21cd\u21cf\u21ce\u2204\u2209\u220c\u2224\u2226\u2241\u2244"
     U"\u2247\u2249\u226d\u2262\u2270\u2271\u2274\u2275\u2278\u2279\u2280\u2281\u22e0\u22e1\u2284\u2285"
     U"\u2288\u2289\u22e2\u22e3\u22ac\u22ad\u22ae\u22af\u22ea\u22eb\u22ec\u22ed"},
    {0x0342,
     U"\u00a8αηιυωϊϋἀἁἈἉἠἡἨἩἰἱἸἹὐὑὙὠὡὨὩ\u1fbf\u1ffe",
     U"\u1fc1ᾶῆῖῦῶῗῧἆἇἎἏἦἧἮἯἶἷἾἿὖὗὟὦὧὮὯ\u1fcf\u1fdf"},
    {0x0345,
     U"ΑΗΩάήαηωώἀἁἂἃἄἅἆἇἈἉἊἋἌἍἎἏἠἡἢἣἤἥἦἧἨἩἪἫἬἭἮἯὠὡὢὣὤὥὦὧὨὩὪὫὬὭὮὯὰὴὼᾶῆῶ",
     U"ᾼῌῼᾴῄᾳῃῳῴᾀᾁᾂᾃᾄᾅᾆᾇᾈᾉᾊᾋᾌᾍᾎᾏᾐᾑᾒᾓᾔᾕᾖᾗᾘᾙᾚᾛᾜᾝᾞᾟᾠᾡᾢᾣᾤᾥᾦᾧᾨᾩᾪᾫᾬᾭᾮᾯᾲῂῲᾷῇῷ"},
    {0x0653,
     U"ا",
     U"آ"},
    {0x0654,
     U"اويہےە",
     U"أؤئۂۓۀ"},
    {0x0655,
     U"ا",
     U"إ"},
    {0x093C,
     U"नरळ",
     U"ऩऱऴ"},
    {0x09BE,
     U"\u09c7",
     U"\u09cb"},
    {0x09D7,
     U"\u09c7",
     U"\u09cc"},
    {0x0B3E,
     U"\u0b47",
     U"\u0b4b"},
    {0x0B56,
     U"\u0b47",
     U"\u0b48"},
    {0x0B57,
     U"\u0b47",
     U"\u0b4c"},
    {0x0BBE,
     U"\u0bc6\u0bc7",
     U"\u0bca\u0bcb"},
    {0x0BD7,
     U"ஒ\u0bc6",
     U"ஔ\u0bcc"},
    {0x0C56,
     U"\u0c46",
     U"\u0c48"},
    {0x0CC2,
     U"\u0cc6",
     U"\u0cca"},
    {0x0CD5,
     U"\u0cbf\u0cc6\u0cca",
     U"\u0cc0\u0cc7\u0ccb"},
    {0x0CD6,
     U"\u0cc6",
     U"\u0cc8"},
    {0x0D3E,
     U"\u0d46\u0d47",
     U"\u0d4a\u0d4b"},
    {0x0D57,
     U"\u0d46",
     U"\u0d4c"},
    {0x0DCA,
     U"\u0dd9\u0ddc",
     U"\u0dda\u0ddd"},
    {0x0DCF,
     U"\u0dd9",
     U"\u0ddc"},
    {0x0DDF,
     U"\u0dd9",
     U"\u0dde"},
    {0x102E,
     U"ဥ",
     U"ဦ"},
    {0x1B35,
     U"ᬅᬇᬉᬋᬍᬑ\u1b3a\u1b3c\u1b3e\u1b3f\u1b42",
     U"ᬆᬈᬊᬌᬎᬒ\u1b3b\u1b3d\u1b40\u1b41\u1b43"},
    {0x3099,
     U"うかきくけこさしすせそたちつてとはひふへほゝウカキクケコサシスセソタチツテトハヒフヘホワヰヱヲヽ",
     U"ゔがぎぐげござじずぜぞだぢづでどばびぶべぼゞヴガギグゲゴザジズゼゾダヂヅデドバビブベボヷヸヹヺヾ"},
    {0x309A,
     U"はひふへほハヒフヘホ",
     U"ぱぴぷぺぽパピプペポ"},
}};
// clang-format on

constexpr char32_t kLeads = 0x1100;  // Hangul syllables are computed
constexpr char32_t kVowels = 0x1161;
constexpr char32_t kTails = 0x11A7;
constexpr char32_t kSyllables = 0xAC00;

}  // namespace

char32_t compose(char32_t letter, char32_t mark) {
    if (letter >= kLeads && letter < kLeads + 19 && mark >= kVowels && mark < kVowels + 21) {
        return kSyllables + ((letter - kLeads) * 21 + (mark - kVowels)) * 28;
    }
    const bool open_syllable =
        letter >= kSyllables && letter < kSyllables + 11172 && (letter - kSyllables) % 28 == 0;
    if (open_syllable && mark > kTails && mark < kTails + 28) {
        return letter + (mark - kTails);
    }
    const auto row = std::lower_bound(kRows.begin(), kRows.end(), mark,
                                      [](const Row& r, char32_t wanted) { return r.mark < wanted; });
    if (row == kRows.end() || row->mark != mark) {
        return 0;
    }
    const auto at = row->letters.find(letter);
    return at == std::u32string_view::npos ? 0 : row->composed[at];
}

}  // namespace ambit::language
