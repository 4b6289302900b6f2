// Messages of facts as bytes, and the fields of a message as they lie in its bytes.
//
// What others wrote is not encoded again, and need not be copied to be found: Fields walks over it in place.
// Ownership: views live as long as the message.  Threads: any.  Failure: next() ends early and failed() says
// so. Spec: protobuf's encoding, without groups, which no message here has.
#pragma once

#include "base/bytes.h"

namespace ambit::facts {

template <typename Message>
Bytes serialize(const Message& message) {
    Bytes bytes(message.ByteSizeLong());
    message.SerializeToArray(bytes.data(), static_cast<int>(bytes.size()));
    return bytes;
}

// The tag and the size before a value of `size` bytes in field `number`, which is below 16.
class FieldPrefix {
  public:
    FieldPrefix(std::uint32_t number, std::size_t size);

    ByteView bytes() const { return {bytes_, size_}; }

  private:
    static constexpr std::size_t kBytesMax = 11;

    std::uint8_t bytes_[kBytesMax];
    std::size_t size_ = 0;
};

class Fields {
  public:
    explicit Fields(ByteView message) : rest_(message) {}

    // To the next field; false after the last one.
    bool next();

    // Whether next() ended at something that is no field.
    bool failed() const { return !rest_.empty(); }

    // Whether this is a value of `number` with a length: bytes, text or a message.
    bool is(std::uint32_t number) const { return tag_ == (number << 3U | 2U); }

    // Of what has a length.
    ByteView value() const { return value_; }

    // The field with its tag.
    ByteView whole() const { return whole_; }

  private:
    static std::size_t read_varint(ByteView bytes, std::uint64_t& value);

    ByteView rest_;
    std::uint64_t tag_ = 0;
    ByteView value_;
    ByteView whole_;
};

}  // namespace ambit::facts
