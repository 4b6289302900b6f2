#include "node/recovery_wish.h"

#include <nlohmann/json.hpp>

namespace ambit::node {

Result<RecoveryWish> recovery_wish(const api::Request& request) {
    AMBIT_TRY_ASSIGN(const Json body, parse_body(request));
    AMBIT_TRY_ASSIGN(const std::vector<std::string> words, texts_member(body, "words"));
    std::string text;
    for (const std::string& word : words) {
        text += word + ' ';
    }
    AMBIT_TRY_ASSIGN(crypto::RecoverySecret secret, crypto::RecoverySecret::from_words(text));
    std::optional<std::string> owner;
    if (const auto person = body.find("owner"); person != body.end()) {
        if (!person->is_object()) {
            return Error{ErrorCode::BadRequest, "\"owner\": expected an object"};
        }
        AMBIT_TRY_ASSIGN(owner, text_member(*person, "name"));
    }
    return RecoveryWish{std::move(secret), std::move(owner)};
}

Json new_words_json(const std::string& words) {
    return {{"recovery_words", words_json(words)}, {"recovery_qr", words}};
}

}  // namespace ambit::node
