#include "facts/serialize.h"

#include <limits>

namespace ambit::facts {

FieldPrefix::FieldPrefix(std::uint32_t number, std::size_t size) {
    bytes_[size_++] = static_cast<std::uint8_t>(number << 3U | 2U);
    for (; size >= 0x80; size >>= 7U) {
        bytes_[size_++] = static_cast<std::uint8_t>(size | 0x80U);
    }
    bytes_[size_++] = static_cast<std::uint8_t>(size);
}

// How many bytes it takes; 0: it is none.
std::size_t Fields::read_varint(ByteView bytes, std::uint64_t& value) {
    constexpr std::size_t kVarintBytesMax = 10;
    value = 0;
    for (std::size_t i = 0; i < bytes.size() && i < kVarintBytesMax; ++i) {
        value |= (bytes[i] & std::uint64_t{0x7f}) << (7 * i);
        if (bytes[i] < 0x80) {
            return i + 1;
        }
    }
    return 0;
}

bool Fields::next() {
    const std::size_t tag_size = read_varint(rest_, tag_);
    if (tag_size == 0 || tag_ >> 3U == 0 || tag_ > std::numeric_limits<std::uint32_t>::max()) {
        return false;
    }
    const ByteView after_tag = rest_.subspan(tag_size);
    std::size_t prefix = 0;
    std::uint64_t size = 0;
    switch (tag_ & 7U) {
        case 0:
            size = read_varint(after_tag, size);
            if (size == 0) {
                return false;
            }
            break;
        case 1:
            size = 8;
            break;
        case 2:
            prefix = read_varint(after_tag, size);
            if (prefix == 0) {
                return false;
            }
            break;
        case 5:
            size = 4;
            break;
        default:
            return false;
    }
    if (size > after_tag.size() - prefix) {
        return false;
    }
    value_ = after_tag.subspan(prefix, size);
    whole_ = rest_.first(tag_size + prefix + size);
    rest_ = rest_.subspan(whole_.size());
    return true;
}

}  // namespace ambit::facts
