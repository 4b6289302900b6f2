#include "facts/serialize.h"

namespace ambit::facts {
namespace {

constexpr std::size_t kVarintBytesMax = 10;
constexpr std::size_t kSizeBytesMax = 5;  // of tags and sizes, which have 32 bits

}  // namespace

FieldPrefix::FieldPrefix(std::uint32_t number, std::size_t size) {
    bytes_[size_++] = static_cast<std::uint8_t>(number << 3U | 2U);
    for (; size >= 0x80; size >>= 7U) {
        bytes_[size_++] = static_cast<std::uint8_t>(size | 0x80U);
    }
    bytes_[size_++] = static_cast<std::uint8_t>(size);
}

void FieldWriter::integer(std::uint32_t number, std::uint64_t value) {
    if (value == 0) {
        return;
    }
    out_.push_back(static_cast<std::uint8_t>(number << 3U));
    for (; value >= 0x80; value >>= 7U) {
        out_.push_back(static_cast<std::uint8_t>(value | 0x80U));
    }
    out_.push_back(static_cast<std::uint8_t>(value));
}

void FieldWriter::bytes(std::uint32_t number, ByteView value) {
    if (value.empty()) {
        return;
    }
    const FieldPrefix prefix(number, value.size());
    const ByteView start = prefix.bytes();
    out_.insert(out_.end(), start.begin(), start.end());
    out_.insert(out_.end(), value.begin(), value.end());
}

bool Fields::take_varint(std::size_t bytes_max, std::uint64_t& value) {
    if (!rest_.empty() && rest_[0] < 0x80) {  // nearly always
        value = rest_[0];
        rest_ = rest_.subspan(1);
        return true;
    }
    value = 0;
    for (std::size_t i = 0; i < rest_.size() && i < bytes_max; ++i) {
        value |= (rest_[i] & std::uint64_t{0x7f}) << (7 * i);
        if (rest_[i] < 0x80) {
            rest_ = rest_.subspan(i + 1);
            return true;
        }
    }
    return false;
}

bool Fields::take_bytes(std::uint64_t size) {
    if (size > rest_.size()) {
        return false;
    }
    bytes_ = rest_.first(size);
    rest_ = rest_.subspan(size);
    return true;
}

bool Fields::next() {
    const ByteView before = rest_;
    std::uint64_t size = 0;
    bool taken = take_varint(kSizeBytesMax, integer_);
    tag_ = static_cast<std::uint32_t>(integer_);
    if (!taken || tag_ >> 3U == 0) {
        rest_ = before;
        return false;
    }
    switch (tag_ & 7U) {
        case kVarint:
            taken = take_varint(kVarintBytesMax, integer_);
            break;
        case kFixed64:
            taken = take_bytes(8);
            integer_ = 0;
            for (std::size_t i = taken ? 8 : 0; i > 0; --i) {
                integer_ = integer_ << 8U | bytes_[i - 1];
            }
            break;
        case kBytes:
            taken = take_varint(kSizeBytesMax, size) && take_bytes(size);
            break;
        case kFixed32:
            taken = take_bytes(4);
            break;
        default:
            taken = false;
    }
    if (!taken) {
        rest_ = before;
        return false;
    }
    whole_ = before.first(before.size() - rest_.size());
    return true;
}

}  // namespace ambit::facts
