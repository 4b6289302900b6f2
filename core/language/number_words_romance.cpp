// Number words: French, Spanish, Italian, Portuguese.
#include <array>

#include "language/number_words.h"

namespace ambit::language {
namespace {

constexpr std::array<std::string_view, 20> kFrenchSmall = {
    "zéro", "un",   "deux",  "trois",  "quatre",   "cinq",   "six",   "sept",     "huit",     "neuf",
    "dix",  "onze", "douze", "treize", "quatorze", "quinze", "seize", "dix-sept", "dix-huit", "dix-neuf"};
constexpr std::array<std::string_view, 7> kFrenchTens = {"",         "",          "vingt",   "trente",
                                                         "quarante", "cinquante", "soixante"};

// `last`: nothing follows, so that "cents" and "quatre-vingts" have their s, and 1 may be "une".
SpokenForms french(std::int64_t number, bool last) {
    if (number == 1 && last) {
        return {"un", "une"};
    }
    if (number < 20) {
        return {std::string(kFrenchSmall[place_of(number)])};
    }
    if (number < 70) {
        const std::string tens(kFrenchTens[place_of(number / 10)]);
        return number % 10 == 0 ? SpokenForms{tens}
                                : joined({tens}, number % 10 == 1 ? "-et-" : "-", french(number % 10, last));
    }
    if (number < 80) {
        return joined({"soixante"}, number == 71 ? "-et-" : "-", french(number - 60, last));
    }
    if (number < 100) {
        return number == 80 ? SpokenForms{last ? "quatre-vingts" : "quatre-vingt"}
                            : joined({"quatre-vingt"}, "-", french(number - 80, last));
    }
    if (number < 1000) {
        const std::int64_t hundreds = number / 100;
        if (number % 100 == 0) {
            return hundreds == 1 ? SpokenForms{"cent"}
                                 : joined(french(hundreds, false), last ? " cents" : " cent", {""});
        }
        const SpokenForms head =
            hundreds == 1 ? SpokenForms{"cent"} : joined(french(hundreds, false), " cent", {""});
        return joined(head, " ", french(number % 100, last));
    }
    const SpokenForms head =
        number < 2000 ? SpokenForms{"mille"} : joined(french(number / 1000, false), " mille", {""});
    return number % 1000 == 0 ? head : joined(head, " ", french(number % 1000, last));
}

constexpr std::array<std::string_view, 30> kSpanishSmall = {
    "cero",         "uno",         "dos",        "tres",        "cuatro",     "cinco",
    "seis",         "siete",       "ocho",       "nueve",       "diez",       "once",
    "doce",         "trece",       "catorce",    "quince",      "dieciséis",  "diecisiete",
    "dieciocho",    "diecinueve",  "veinte",     "veintiuno",   "veintidós",  "veintitrés",
    "veinticuatro", "veinticinco", "veintiséis", "veintisiete", "veintiocho", "veintinueve"};
constexpr std::array<std::string_view, 10> kSpanishTens = {
    "", "", "", "treinta", "cuarenta", "cincuenta", "sesenta", "setenta", "ochenta", "noventa"};
constexpr std::array<std::string_view, 10> kSpanishHundreds = {
    "",         "ciento",    "doscient",  "trescient", "cuatrocient",
    "quinient", "seiscient", "setecient", "ochocient", "novecient"};

enum class Gender : std::uint8_t { Counting, Masculine, Feminine };

std::string spanish(std::int64_t number, Gender gender) {
    if (number % 10 == 1 && number < 30 && number != 11) {
        const bool one = number == 1;
        return gender == Gender::Counting    ? std::string(kSpanishSmall[place_of(number)])
               : gender == Gender::Masculine ? (one ? "un" : "veintiún")
                                             : (one ? "una" : "veintiuna");
    }
    if (number < 30) {
        return std::string(kSpanishSmall[place_of(number)]);
    }
    if (number < 100) {
        const std::string tens(kSpanishTens[place_of(number / 10)]);
        return number % 10 == 0 ? tens : tens + " y " + spanish(number % 10, gender);
    }
    if (number == 100) {
        return "cien";
    }
    if (number < 1000) {
        std::string head(kSpanishHundreds[place_of(number / 100)]);
        if (number >= 200) {
            head += gender == Gender::Feminine ? "as" : "os";
        }
        return number % 100 == 0 ? head : head + " " + spanish(number % 100, gender);
    }
    const std::string head =
        number < 2000
            ? "mil"
            : spanish(number / 1000, gender == Gender::Feminine ? gender : Gender::Masculine) + " mil";
    return number % 1000 == 0 ? head : head + " " + spanish(number % 1000, gender);
}

constexpr std::array<std::string_view, 20> kItalianSmall = {
    "zero",        "uno",      "due",    "tre",         "quattro",  "cinque",    "sei",
    "sette",       "otto",     "nove",   "dieci",       "undici",   "dodici",    "tredici",
    "quattordici", "quindici", "sedici", "diciassette", "diciotto", "diciannove"};
constexpr std::array<std::string_view, 10> kItalianTens = {
    "", "", "venti", "trenta", "quaranta", "cinquanta", "sessanta", "settanta", "ottanta", "novanta"};

constexpr std::array<std::string_view, 20> kPortugueseSmall = {
    "zero", "um",   "dois", "três",  "quatro",  "cinco",  "seis",      "sete",      "oito",    "nove",
    "dez",  "onze", "doze", "treze", "catorze", "quinze", "dezesseis", "dezessete", "dezoito", "dezenove"};
constexpr std::array<std::string_view, 10> kPortugueseTens = {
    "", "", "vinte", "trinta", "quarenta", "cinquenta", "sessenta", "setenta", "oitenta", "noventa"};
constexpr std::array<std::string_view, 10> kPortugueseHundreds = {
    "",           "cento",      "duzentos",   "trezentos",  "quatrocentos",
    "quinhentos", "seiscentos", "setecentos", "oitocentos", "novecentos"};

SpokenForms portuguese_small(std::int64_t number) {
    switch (number) {
        case 1:
            return {"um", "uma"};
        case 2:
            return {"dois", "duas"};
        case 14:
            return {"catorze", "quatorze"};
        case 16:
            return {"dezesseis", "dezasseis"};
        case 17:
            return {"dezessete", "dezassete"};
        case 19:
            return {"dezenove", "dezanove"};
        default:
            return {std::string(kPortugueseSmall[place_of(number)])};
    }
}

}  // namespace

SpokenForms french_number(std::int64_t number) {
    return french(number, true);
}

SpokenForms spanish_number(std::int64_t number) {
    return {spanish(number, Gender::Counting), spanish(number, Gender::Masculine),
            spanish(number, Gender::Feminine)};
}

SpokenForms italian_number(std::int64_t number) {
    if (number == 1) {
        return {"uno", "un", "una"};
    }
    if (number < 20) {
        return {std::string(kItalianSmall[place_of(number)])};
    }
    if (number < 100) {
        std::string tens(kItalianTens[place_of(number / 10)]);
        const std::int64_t ones = number % 10;
        if (ones == 0) {
            return {tens};
        }
        if (ones == 1 || ones == 8) {
            tens.pop_back();  // ventuno, ventotto
        }
        return {tens + (ones == 3 ? "tré" : std::string(kItalianSmall[place_of(ones)]))};
    }
    if (number < 1000) {
        const std::string head =
            (number < 200 ? std::string() : std::string(kItalianSmall[place_of(number / 100)])) + "cento";
        if (number % 100 == 0) {
            return {head};
        }
        SpokenForms out =
            joined({head}, "", number % 100 == 1 ? SpokenForms{"uno"} : italian_number(number % 100));
        if (const std::int64_t rest = number % 100; rest == 8 || rest / 10 == 8) {
            out.push_back(head.substr(0, head.size() - 1) + italian_number(rest).front());  // centottanta
        }
        return out;
    }
    const SpokenForms head =
        number < 2000 ? SpokenForms{"mille"} : joined({italian_number(number / 1000).front()}, "mila", {""});
    return number % 1000 == 0 ? head : joined(head, "", italian_number(number % 1000));
}

SpokenForms portuguese_number(std::int64_t number) {
    if (number < 20) {
        return portuguese_small(number);
    }
    if (number < 100) {
        const std::string tens(kPortugueseTens[place_of(number / 10)]);
        return number % 10 == 0 ? SpokenForms{tens} : joined({tens}, " e ", portuguese_small(number % 10));
    }
    if (number < 1000) {
        if (number == 100) {
            return {"cem"};
        }
        const std::string head(kPortugueseHundreds[place_of(number / 100)]);
        SpokenForms heads = {head};
        if (number >= 200) {
            heads.push_back(head.substr(0, head.size() - 2) + "as");
        }
        return number % 100 == 0 ? heads : joined(heads, " e ", portuguese_number(number % 100));
    }
    const SpokenForms head =
        number < 2000 ? SpokenForms{"mil"} : joined(portuguese_number(number / 1000), " mil", {""});
    const std::int64_t rest = number % 1000;
    if (rest == 0) {
        return head;
    }
    return joined(head, rest < 100 || rest % 100 == 0 ? " e " : " ", portuguese_number(rest));
}

}  // namespace ambit::language
