// Settings file: reads and changes a device's settings (TOML), keeping the owner's comments and order.
//
// Ownership: values.  Threads: any, one writer per file.
// Failure: SettingsBroken when the file is not TOML or can't be read; keys that are unknown or out of bounds
// are problems (the others count), to be shown by `ambit doctor`.  Spec: docs/settings.md.
#pragma once

#include <string>
#include <vector>

#include "settings/settings.h"

namespace ambit::settings {

struct Loaded {
    Settings settings;
    std::vector<Error> problems;
};

// A file that doesn't exist is an empty one.
Result<Loaded> load(const std::string& path);

// The answer of GET config (docs/spec/local-api.md): what `loaded` holds of `file`.
std::string config_json(const std::string& file, const Loaded& loaded);
// The answer of POST config.
std::string changed_json(const std::string& name, const Value& value, bool restart_needed);

// Changes one value in the file (atomically: a crash leaves the old file or the new one).
Result<void> store(const std::string& path, std::string_view name, const Value& value);

}  // namespace ambit::settings
