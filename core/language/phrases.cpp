#include "language/phrases.h"

#include <array>

namespace ambit::language {
namespace {

struct Texts {
    std::string_view english;
    std::string_view german;
};

// In the order of Phrase.
constexpr std::array<Texts, 29> kTexts = {{
    {"I did not understand that.", "Das habe ich nicht verstanden."},
    {"I can't do that yet ({0}).", "Das kann ich noch nicht ({0})."},
    {"I know nothing called \"{0}\" that can do that.", "Ich kenne nichts namens \"{0}\", das das kann."},
    {"I know no {0} in {1}.", "Ich kenne kein Gerät der Art {0} in {1}."},
    {"I know no {0}.", "Ich kenne kein Gerät der Art {0}."},
    {" Did you mean {0}?", " Meinst du {0}?"},
    {"Which one: {0}?", "Was davon: {0}?"},
    {"That would be {0} devices at once; name a room.", "Das wären {0} Geräte auf einmal; nenne einen Raum."},
    {" and ", " und "},
    {" or ", " oder "},
    {"Yes.", "Ja."},
    {"No.", "Nein."},
    {"{0} is on.", "{0} ist an."},
    {"{0} is off.", "{0} ist aus."},
    {"{0} is locked.", "{0} ist abgeschlossen."},
    {"{0} is unlocked.", "{0} ist aufgeschlossen."},
    {"{0} is open.", "{0} ist offen."},
    {"{0} is closed.", "{0} ist geschlossen."},
    {"{0} is at {1}.", "{0} steht auf {1}."},
    {"I don't know about {0}.", "Über {0} weiß ich nichts."},
    {"None.", "Keins."},
    {"All right.", "In Ordnung."},
    {"Nothing here can do that: it needs something of the kind \"{0}\".",
     "Hier kann das nichts: es fehlt etwas der Art \"{0}\"."},
    {"I took \"{0}\" for {1}.", "Ich habe \"{0}\" als {1} verstanden."},
    {"I don't know how {0} is set now; say a number.",
     "Ich weiß nicht, wie {0} gerade steht; nenne eine Zahl."},
    {"I can only do that at once, and until told otherwise.",
     "Das kann ich nur sofort, und bis etwas anderes gesagt wird."},
    {"Do you mean {0}?", "Meinst du {0}?"},
    {"I'll remember: \"{0}\" means \"{1}\".", "Ich merke mir: \"{0}\" heißt \"{1}\"."},
    {"But you showed me that \"{0}\" means \"{1}\". Which one holds? Forget the other: `ambit language "
     "lessons`.",
     "Aber du hast mir gezeigt, dass \"{0}\" heißt: \"{1}\". Was gilt? Das andere vergessen: `ambit language "
     "lessons`."},
}};

bool is_german(std::string_view language) {
    return language.starts_with("de");
}

}  // namespace

std::string phrase(Phrase which, std::string_view language, std::string_view first, std::string_view second) {
    const Texts& texts = kTexts[static_cast<std::size_t>(which)];
    const std::string_view form = is_german(language) ? texts.german : texts.english;
    std::string out;
    for (std::size_t i = 0; i < form.size(); ++i) {
        if (form[i] == '{' && i + 2 < form.size() && form[i + 2] == '}') {
            out += form[i + 1] == '0' ? first : second;
            i += 2;
        } else {
            out.push_back(form[i]);
        }
    }
    return out;
}

std::string enumerate(const std::vector<std::string>& names, Phrase last_word, std::string_view language) {
    std::string out;
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (i > 0) {
            out += i + 1 == names.size() ? phrase(last_word, language) : ", ";
        }
        out += names[i];
    }
    return out;
}

std::string kind_of_thing(std::string_view domain, std::string_view language) {
    if (is_german(language)) {
        return domain == "light"    ? "Licht"
               : domain == "switch" ? "Schalter"
               : domain == "lock"   ? "Schloss"
                                    : std::string(domain);
    }
    return std::string(domain.empty() ? "device" : domain);
}

std::string conjunction(std::string_view language) {
    return is_german(language) ? " und " : " and ";
}

}  // namespace ambit::language
