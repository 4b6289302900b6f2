// Device key: the secret seeds of this device (signing and sealing), in one file of its state folder.
//
// Made once, mode 0600, and written so that a crash leaves no half a file.
// Ownership: values; the seeds read are wiped.  Threads: any, one writer per folder.
// Failure: KeyFileUnusable names the file and what is wrong with it; an unusable file is never replaced.
// Spec: docs/cli.md, "Files".
#pragma once

#include <string>

#include "crypto/keys.h"

namespace ambit {

struct DeviceKeys {
    crypto::SigningKey signing;
    crypto::SealKey sealing;
};

// Reads `<folder>/device.key`, or makes it from `random` if there is none.
Result<DeviceKeys> load_device_keys(const std::string& folder, Random& random);

}  // namespace ambit
