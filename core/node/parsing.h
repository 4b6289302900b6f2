// Parsing: reading words for another device, whose own model is smaller ("language.parse").
//
// What comes back is the same in words that sentences read, so the device that asked resolves them in its own
// view of the home.  Read with nobody's lessons: the device that asked has those of its audience itself.
// Ownership: Node owns it; borrows Parts and Conversation.  Threads: the loop's.
// Failure: words that nobody understands are an answer without words.  Spec: docs/intent-model.md, "Small
// devices".
#pragma once

#include "capability/provider.h"
#include "node/parts.h"

namespace ambit::node {

inline constexpr std::string_view kParse = "language.parse";
// Of the rungs that are announced for it.
inline constexpr double kTemplatesQuality = 0.7;
inline constexpr double kModelQuality = 0.9;
inline constexpr std::size_t kParsedBytesMax = 1000;

class Conversation;

// Words that sentences read, and how sure the model was.
struct Parsed {
    std::string words;  // empty: it did not understand them either
    std::string label;
    double confidence = 0;
};

std::string encode_parsed(const Parsed& parsed);
// What is not as encode_parsed() writes it has no words.
Parsed decode_parsed(std::string_view json);

class Parsing final : public capability::Provider {
  public:
    Parsing(const Parts& parts, Conversation& conversation, capability::ProviderEvents& events)
        : parts_(parts), conversation_(conversation), events_(events) {}

    std::string source() const override { return std::string(kParse); }

    privacy::Service service() const override { return {"language", parts_.home_audience()}; }

    bool available() const override { return true; }

    bool only_repeats() const override { return true; }

    void invoke(capability::Invocation invocation) override;

    void cancel(const RequestId& /*request*/) override {}

  private:
    const Parts& parts_;
    Conversation& conversation_;
    capability::ProviderEvents& events_;
};

}  // namespace ambit::node
