// Schema: the subset of JSON Schema that capabilities use, and a check of values against it.
//
// Subset: type (object, array, string, integer, number, boolean), properties, required, additionalProperties
// (boolean), enum, minimum, maximum, minLength, maxLength, items, maxItems, description.  Another keyword is
// BadSchema. Ownership: value, shared inside.  Threads: any (const).  Failure: BadSchema, BadInput
// (4100-4199). Spec: docs/spec/requests.md section "Schemas".
#pragma once

#include <memory>

#include "base/bytes.h"

namespace ambit::capability {

class Schema {
  public:
    static constexpr std::size_t kInputBytesMax = 64 * 1024;
    static constexpr std::size_t kDepthMax = 8;

    static Result<Schema> parse(std::string_view json);
    // BadInput, with the path and what was expected ("brightness_pct: at most 100"), never the value itself.
    Result<void> check(ByteView json) const;
    const std::string& text() const;

    struct Node;

  private:
    explicit Schema(std::shared_ptr<const Node> root) : root_(std::move(root)) {}

    std::shared_ptr<const Node> root_;
};

}  // namespace ambit::capability
