// Message: the bytes of an answer - its head, its JSON, the chunks of its stream.
//
// Pure.  Ownership: values.  Threads: any.  Failure: none.  Spec: RFC 9112; WHATWG HTML, "Server-sent
// events".
#pragma once

#include <string>
#include <string_view>

namespace ambit::http {

// One JSON object with "v":1 in front.
std::string versioned(std::string json);

// A whole answer; `json` is versioned already.
std::string reply_message(int status, std::string_view json, bool keep_alive);

// A stream: its head, one chunk per event, and the last chunk.
std::string stream_head();
std::string event_chunk(std::string_view name, std::string json);
std::string last_chunk();

}  // namespace ambit::http
