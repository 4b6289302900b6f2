#include "language/near_names.h"

#include <algorithm>
#include <numeric>

#include "language/text.h"

namespace ambit::language {
namespace {

// Without its ending of a plural; all that the language might have cut.
std::vector<std::string_view> singulars(std::string_view said, std::string_view language) {
    std::vector<std::string_view> endings = {"s", "es"};
    if (language.starts_with("de")) {
        endings = {"n", "en", "e", "er", "s"};
    } else if (language.starts_with("fr")) {
        endings = {"s", "x"};
    }
    std::vector<std::string_view> out;
    for (const std::string_view ending : endings) {
        if (said.size() > ending.size() + 2 && said.ends_with(ending)) {
            out.push_back(said.substr(0, said.size() - ending.size()));
        }
    }
    return out;
}

// "desk lamp" of "desk lamp 2", "desk lamp left", "left desk lamp".
bool is_one_of_several(std::string_view form, std::string_view singular) {
    if (form == singular) {
        return true;
    }
    if (form.starts_with(singular) && form[singular.size()] == ' ') {
        return form.find(' ', singular.size() + 1) == std::string_view::npos;
    }
    return form.ends_with(singular) && form.size() > singular.size() + 1 &&
           form[form.size() - singular.size() - 1] == ' ' &&
           form.find(' ') == form.size() - singular.size() - 1;
}

}  // namespace

std::size_t edits_between(std::string_view a, std::string_view b, std::size_t most) {
    // What differs more in length can't be within the bound: skip the quadratic part.
    if (std::max(a.size(), b.size()) - std::min(a.size(), b.size()) > most) {
        return most + 1;
    }
    std::vector<std::size_t> before(b.size() + 1);
    std::vector<std::size_t> row(b.size() + 1);
    std::vector<std::size_t> next(b.size() + 1);
    std::iota(row.begin(), row.end(), 0);
    for (std::size_t i = 1; i <= a.size(); ++i) {
        next[0] = i;
        std::size_t least = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            next[j] = std::min({row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                next[j] = std::min(next[j], before[j - 2] + 1);
            }
            least = std::min(least, next[j]);
        }
        if (least > most) {
            return most + 1;
        }
        before.swap(row);
        row.swap(next);
    }
    return row[b.size()];
}

std::size_t edits_allowed(std::size_t bytes) {
    return bytes < 4 ? 0 : bytes < 8 ? 1 : 2;
}

std::vector<NearName> near_names(const Home& home,
                                 const std::vector<std::size_t>& candidates,
                                 std::string_view said) {
    const std::size_t most = said.size() / 3;
    std::vector<NearName> near;
    if (said.size() > kMisspeltBytesMax) {
        return near;
    }
    for (const std::size_t entity : candidates) {
        std::size_t least = most + 1;
        for (const std::string& form : home.spoken_forms(entity)) {
            least = std::min(least, edits_between(form, said, most));
        }
        if (least <= most) {
            near.push_back({least, entity});
        }
    }
    std::stable_sort(near.begin(), near.end(),
                     [](const NearName& a, const NearName& b) { return a.edits < b.edits; });
    return near;
}

std::vector<std::size_t> named_by_plural(const Home& home,
                                         const std::vector<std::size_t>& candidates,
                                         std::string_view said,
                                         std::string_view language) {
    for (const std::string_view singular : singulars(said, language)) {
        std::vector<std::size_t> found;
        for (const std::size_t entity : candidates) {
            const auto& forms = home.spoken_forms(entity);
            if (std::any_of(forms.begin(), forms.end(),
                            [&](const auto& form) { return is_one_of_several(form, singular); })) {
                found.push_back(entity);
            }
        }
        if (!found.empty()) {
            return found;
        }
    }
    return {};
}

std::vector<std::size_t> named_by_end(const Home& home,
                                      const std::vector<std::size_t>& candidates,
                                      std::string_view said) {
    const std::string end = " " + std::string(said);
    std::vector<std::size_t> found;
    for (const std::size_t entity : candidates) {
        const auto& forms = home.spoken_forms(entity);
        if (!said.empty() && std::any_of(forms.begin(), forms.end(),
                                         [&](const std::string& form) { return form.ends_with(end); })) {
            found.push_back(entity);
        }
    }
    return found;
}

std::string slip_of(const std::vector<std::string>& names, std::string_view said) {
    const std::size_t most = edits_allowed(said.size());
    std::size_t least = most + 1;
    std::string best;
    if (said.size() > kMisspeltBytesMax) {
        return best;
    }
    for (const std::string& name : names) {
        const std::size_t edits = edits_between(spoken_form(name), said, most);
        if (edits < least) {
            least = edits;
            best = name;
        } else if (edits == least) {
            best.clear();
        }
    }
    return best;
}

}  // namespace ambit::language
