// Checkpoints of a training: "AMBITIC1", what it belongs to, the step, the weights and their moments, a hash.
#include <bit>
#include <cstring>

#include "intent_model/training.h"

namespace ambit::intent_model {
namespace {

constexpr std::string_view kMagic = "AMBITIC1";
constexpr std::size_t kHeaderBytes = 8 + 8 + 8;  // magic, what it belongs to, step
constexpr std::size_t kHashBytes = 8;

std::uint64_t hash_of_bytes(ByteView bytes) {
    return hash_of({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, 22);
}

void put(Bytes& out, std::uint64_t value, std::size_t bytes) {
    for (std::size_t i = 0; i < bytes; ++i) {
        out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
    }
}

std::uint64_t take(ByteView from, std::size_t bytes) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes; ++i) {
        value |= static_cast<std::uint64_t>(from[i]) << (8 * i);
    }
    return value;
}

}  // namespace

std::uint64_t Training::belongs_to() const {
    std::uint64_t hash = mixed(plan_.seed, plan_.epochs);
    for (const std::size_t part :
         {plan_.batch, plan_.sizes.width, plan_.sizes.layers, plan_.sizes.window, plan_.sizes.slot_width,
          corpus_.sentences.size(), corpus_.word_rows.size()}) {
        hash = mixed(hash, part);
    }
    for (const float part : {plan_.rate, plan_.decay, plan_.smoothing, plan_.slot_weight}) {
        hash = mixed(hash, std::bit_cast<std::uint32_t>(part));
    }
    return hash;
}

Bytes Training::checkpoint() const {
    Bytes out = to_bytes(kMagic);
    put(out, belongs_to(), 8);
    put(out, step_, 8);
    for (const std::vector<float>* values : network_.state()) {
        for (const float value : *values) {
            put(out, std::bit_cast<std::uint32_t>(value), 4);
        }
    }
    put(out, hash_of_bytes(out), kHashBytes);
    return out;
}

Result<void> Training::resume(ByteView checkpoint) {
    std::size_t floats = 0;
    for (const std::vector<float>* values : network_.state()) {
        floats += values->size();
    }
    if (checkpoint.size() != kHeaderBytes + floats * 4 + kHashBytes ||
        std::memcmp(checkpoint.data(), kMagic.data(), kMagic.size()) != 0 ||
        take(checkpoint.last(kHashBytes), 8) !=
            hash_of_bytes(checkpoint.first(checkpoint.size() - kHashBytes))) {
        return Error{ErrorCode::ModelBroken, "the checkpoint is damaged"};
    }
    const std::uint64_t step = take(checkpoint.subspan(16), 8);
    if (take(checkpoint.subspan(8), 8) != belongs_to() || step > steps_) {
        return Error{ErrorCode::ModelBroken, "the checkpoint is of another training"};
    }
    ByteView left = checkpoint.subspan(kHeaderBytes);
    for (std::vector<float>* values : network_.state()) {
        for (float& value : *values) {
            value = std::bit_cast<float>(static_cast<std::uint32_t>(take(left, 4)));
            left = left.subspan(4);
        }
    }
    step_ = static_cast<std::size_t>(step);
    return {};
}

}  // namespace ambit::intent_model
