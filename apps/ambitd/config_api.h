// Config API: GET and POST config of the local API, on the settings file.
//
// Ownership: free functions.  Threads: the loop's.  Failure: UnknownSetting, BadSetting, SettingsBroken.
// Spec: docs/spec/local-api.md, docs/settings.md.
#pragma once

#include <string>

#include "api/api.h"

namespace ambit::daemon {

void get_config(const std::string& file, api::Responder& reply);
void post_config(const std::string& file, const api::Request& request, api::Responder& reply);

}  // namespace ambit::daemon
