// A protobuf message of facts as bytes.
#pragma once

#include "base/bytes.h"

namespace ambit::facts {

template <typename Message>
Bytes serialize(const Message& message) {
    Bytes bytes(message.ByteSizeLong());
    message.SerializeToArray(bytes.data(), static_cast<int>(bytes.size()));
    return bytes;
}

}  // namespace ambit::facts
