// Message: the bytes of an answer - its head, its JSON, the chunks of its stream.
//
// Pure.  Ownership: values.  Threads: any.  Failure: none.  Spec: RFC 9112; WHATWG HTML, "Server-sent
// events".
#pragma once

#include <string>
#include <string_view>

#include "http/page.h"

namespace ambit::http {

// One JSON object with "v":1 in front.
std::string versioned(std::string json);

// A whole answer; `json` is versioned already.  `to_browser`: with the fields that keep other sites away.
std::string reply_message(int status, std::string_view json, bool keep_alive, bool to_browser);

// A file of the page; `known`: the reader has this version (304).
std::string file_message(const PageFile& file, bool known, bool head_only, bool keep_alive);

// A stream: its head, one chunk per event, and the last chunk.
std::string stream_head(bool to_browser);
std::string event_chunk(std::string_view name, std::string json);
std::string last_chunk();

}  // namespace ambit::http
