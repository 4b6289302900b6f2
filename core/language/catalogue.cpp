#include "language/catalogue.h"

#include <algorithm>

namespace ambit::language {
namespace {

std::string key_of(std::string_view intent, std::string_view combination) {
    return std::string(intent) + '/' + std::string(combination);
}

}  // namespace

bool Catalogue::is_one(const Yaml& file) {
    return std::any_of(file.fields.begin(), file.fields.end(),
                       [](const auto& field) { return field.second.find("slot_combinations") != nullptr; });
}

void Catalogue::add(const Yaml& file) {
    for (const auto& [intent, about] : file.fields) {
        const Yaml* combinations = about.find("slot_combinations");
        if (combinations == nullptr) {
            continue;
        }
        for (const auto& [name, node] : combinations->fields) {
            Combination combination;
            combination.rank = combinations_.size();
            const Yaml* area = node.find("context_area");
            combination.context_area = area != nullptr && area->is_true();
            if (const Yaml* groups = node.find("name_domain_groups"); groups != nullptr) {
                for (const auto& [group, domains] : groups->fields) {
                    combination.domain_groups[group] = domains.strings();
                }
            }
            combinations_.try_emplace(key_of(intent, name), std::move(combination));
        }
    }
}

const Combination* Catalogue::find(std::string_view intent, std::string_view combination) const {
    const auto found = combinations_.find(key_of(intent, combination));
    return found == combinations_.end() ? nullptr : &found->second;
}

std::optional<std::pair<std::string, std::string>> combination_of(std::string_view file_name) {
    const std::size_t slash = file_name.rfind('/');
    if (slash == std::string_view::npos || slash == 0) {
        return std::nullopt;
    }
    const std::size_t folder = file_name.rfind('/', slash - 1);
    const std::size_t begin = folder == std::string_view::npos ? 0 : folder + 1;
    std::string_view name = file_name.substr(slash + 1);
    name = name.substr(0, name.rfind('.'));
    return std::pair(std::string(file_name.substr(begin, slash - begin)), std::string(name));
}

}  // namespace ambit::language
