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

// Writes the fields of a message one after the other; what is zero or empty is left out.
class FieldWriter {
  public:
    explicit FieldWriter(Bytes& out) : out_(out) {}

    void integer(std::uint32_t number, std::uint64_t value);
    void bytes(std::uint32_t number, ByteView value);

  private:
    Bytes& out_;
};

class Fields {
  public:
    // The types of fields that there are.
    static constexpr std::uint32_t kVarint = 0;
    static constexpr std::uint32_t kFixed64 = 1;
    static constexpr std::uint32_t kBytes = 2;  // text and messages too
    static constexpr std::uint32_t kFixed32 = 5;

    explicit Fields(ByteView message) : rest_(message) {}

    // To the next field; false after the last one.
    bool next();

    // Whether next() ended at something that is no field.
    bool failed() const { return !rest_.empty(); }

    // As a field of that number and type has it.
    static constexpr std::uint32_t tag(std::uint32_t number, std::uint32_t type) {
        return number << 3U | type;
    }

    std::uint32_t tag() const { return tag_; }

    // Of kVarint and kFixed64.
    std::uint64_t integer() const { return integer_; }

    // Of kBytes.
    ByteView bytes() const { return bytes_; }

    // The field with its tag.
    ByteView whole() const { return whole_; }

  private:
    bool take_varint(std::size_t bytes_max, std::uint64_t& value);
    bool take_bytes(std::uint64_t size);

    ByteView rest_;
    std::uint32_t tag_ = 0;
    std::uint64_t integer_ = 0;
    ByteView bytes_;
    ByteView whole_;
};

}  // namespace ambit::facts
