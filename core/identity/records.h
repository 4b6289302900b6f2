// Small checked readers of protobuf fields, shared by the parsers of core/identity.
//
// Ownership: values.  Threads: any.  Failure: BadOperation (1205), BadEncoding (1001).
#pragma once

#include <optional>
#include <string>

#include "base/ids.h"

namespace ambit::identity {

// A text for people: 1 to `bytes_max` bytes (UTF-8 was checked by the parser), no control characters.
inline Result<std::string> checked_text(const std::string& text, std::size_t bytes_max, const char* what) {
    const bool printable = std::all_of(
        text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f; });
    if (text.empty() || text.size() > bytes_max || !printable) {
        return Error{ErrorCode::BadOperation, what};
    }
    return text;
}

// An id, or nothing for an empty field.
template <typename IdType>
Result<std::optional<IdType>> optional_id(const std::string& field) {
    if (field.empty()) {
        return std::optional<IdType>();
    }
    AMBIT_TRY_ASSIGN(IdType id, IdType::from_bytes(view_of(field)));
    return std::optional<IdType>(id);
}

}  // namespace ambit::identity
