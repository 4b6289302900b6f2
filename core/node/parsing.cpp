#include "node/parsing.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "node/conversation.h"
#include "node/json_members.h"

namespace ambit::node {
namespace {

constexpr privacy::Here kHere{"parsing"};
// Longer than that the person does not wait for a second opinion.
constexpr milliseconds kPatience{2'000};

// The rung that a stronger device stood for: it says what that one said.
class Told final : public language::Rung {
  public:
    explicit Told(language::Guess guess) : guess_(std::move(guess)) {}

    std::string_view language() const override { return "en"; }

    bool knows(std::string_view /*intent*/) const override { return false; }

    std::optional<language::Guess> read(std::string_view /*utterance*/) const override { return guess_; }

  private:
    language::Guess guess_;
};

}  // namespace

std::string encode_parsed(const Parsed& parsed) {
    nlohmann::json json = nlohmann::json::object();
    if (!parsed.words.empty()) {
        json = {{"words", parsed.words}, {"label", parsed.label}, {"confidence", parsed.confidence}};
    }
    return text_of(json);
}

Parsed decode_parsed(std::string_view text) {
    const auto json = nlohmann::json::parse(text, nullptr, false);
    Parsed parsed{text_at(json, "words"), text_at(json, "label"), 0};
    const auto confidence = number_at(json, "confidence");
    const bool sound =
        confidence && parsed.words.size() <= kParsedBytesMax && parsed.label.size() <= kParsedBytesMax;
    if (!sound) {
        return {};
    }
    parsed.confidence = std::clamp(*confidence, 0.0, 1.0);
    return parsed;
}

void Parsing::invoke(capability::Invocation invocation) {
    const auto input = nlohmann::json::parse(to_text(invocation.input.value()), nullptr, false);
    events_.on_result({invocation.request,
                       capability::Outcome::Done,
                       encode_parsed(conversation_.parse(text_at(input, "text"))),
                       {}});
}

Parsed Conversation::parse(const std::string& text) const {
    const auto read = understand(text, language::Lessons(), nullptr, learning_.base());
    if (!read || !language::is_paraphrase(*read) || !read->guess) {
        return {};
    }
    return {read->guess->reworded, read->guess->label, read->guess->confidence};
}

// Only to devices that may read the words, and that have a better model than this one.
bool Conversation::pass_on(const std::shared_ptr<Running>& running,
                           const std::string& text,
                           milliseconds timeout,
                           Now now) {
    const language::Understanding& understanding = running->result.understanding;
    if (!passes_on_ || understanding.meaning != language::Meaning::NotUnderstood) {
        return false;
    }
    const nlohmann::json input = {{"text", text}};
    const privacy::Label label{privacy::Audience(running->asker.audience), privacy::Trust::Trusted};
    request::Intent intent{.id = parts_.random.id<RequestId>(),
                           .capability = std::string(kParse),
                           .entity = "",
                           .input = privacy::Labelled<Bytes>(to_bytes(text_of(input)), label),
                           .person = running->asker.person,
                           .deadline = now.mono + std::clamp(timeout, milliseconds{1}, kPatience),
                           .command = false};
    const auto plan = request::plan(intent, parts_.world(), parts_.rules);
    const bool is_better =
        plan && !plan->devices.empty() && plan->devices.front() != parts_.self &&
        parts_.directory.quality(plan->devices.front(), intent.capability) >= kModelQuality;
    if (!is_better) {
        return false;
    }
    const auto on_finished = [this, running, text, timeout](const request::RequestResult& result, Now then) {
        if (result.outcome == request::Outcome::Done) {
            const Parsed parsed = decode_parsed(to_text(result.output.read(kHere)));
            hear_parsed(*running, text, parsed,
                        result.acted_by ? parts_.roster->device(*result.acted_by) : nullptr, then);
        }
        conclude(running, text, timeout, then);
    };
    actions_.invoke(std::move(intent), on_finished, {}, now);
    return true;
}

void Conversation::hear_parsed(
    Running& running, const std::string& text, const Parsed& parsed, const identity::Device* by, Now now) {
    if (parsed.words.empty()) {
        return;
    }
    language::Guess guess;
    guess.rung = "T1";
    guess.label = parsed.label + (by == nullptr ? "" : " (" + by->name + ")");
    guess.confidence = parsed.confidence;
    guess.sure = true;
    guess.means = parsed.words;
    const Told told(std::move(guess));
    auto understood =
        understand(text, language::Lessons(), &speaking(running.asker.audience, now).talk, &told);
    if (understood && understood->meaning != language::Meaning::NotUnderstood) {
        running.result.understanding = std::move(*understood);
        running.result.understood = true;
    }
}

}  // namespace ambit::node
