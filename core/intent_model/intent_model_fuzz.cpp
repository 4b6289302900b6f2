// Any bytes as a model file; when they are one, it must read the bytes' beginning as an utterance too.
#include "intent_model/intent_model.h"
#include "intent_model/model_parts.h"
#include "intent_model/tokens.h"

namespace {

// A file whose hash is made right, so that what lies behind the check is reached too.
ambit::Bytes with_right_hash(ambit::ByteView body) {
    ambit::Bytes file(body.begin(), body.end());
    const std::uint64_t hash =
        ambit::intent_model::hash_of({reinterpret_cast<const char*>(file.data()), file.size()}, 21);
    for (std::size_t i = 0; i < 8; ++i) {
        file.push_back(static_cast<std::uint8_t>(hash >> (8 * i)));
    }
    return file;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using ambit::intent_model::IntentModel;
    static_cast<void>(IntentModel::load({data, size}));
    const auto model = IntentModel::load(with_right_hash({data, size}));
    if (model) {
        for (const std::string& head : model->heads()) {
            static_cast<void>(model->read({reinterpret_cast<const char*>(data), size}, head));
        }
    }
    return 0;
}
