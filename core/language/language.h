// Language, rung T0: sentence templates that turn words into an intent.
//
// Reads hassil's document format (Home Assistant's `custom_sentences`).  Pure: no IO, no clock; the same
// grammar, lists and words give the same result.  Ownership: a Grammar and Lists are values; nothing borrowed
// outlives a call. Threads: const calls from any thread. Failure: a bad file, block or template becomes a
// Warning and the rest of the grammar works; UtteranceTooLong and MatchTooCostly come back as errors
// (3100-3199).  Spec: docs/spec/sentences.md.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace ambit::language {

// Limits on what comes from outside; what is over one of them is left out with a warning, or refused.
inline constexpr std::size_t kUtteranceBytesMax = 4096;
inline constexpr std::size_t kSentenceFileBytesMax = 4 * 1024 * 1024;
inline constexpr std::size_t kSentenceFilesMax = 1024;
inline constexpr std::size_t kTemplateBytesMax = 16 * 1024;
inline constexpr std::size_t kTemplateDepthMax = 32;
inline constexpr std::size_t kTemplatesMax = 100'000;
inline constexpr std::size_t kPermutationItemsMax = 6;
inline constexpr std::size_t kListValuesMax = 10'000;
inline constexpr std::size_t kMatchStepsMax = 2'000'000;  // one utterance against the whole grammar
inline constexpr std::size_t kMatchStatesMax = 4096;      // parses alive at one point of one template
inline constexpr std::size_t kNearMissesMax = 5;

// One sentence file, already read.
struct SourceFile {
    std::string name;  // shown in warnings and explanations: "sentences/en/lights.yaml"
    std::string text;
    bool custom = false;  // a user's own: beats the built-in sentences
};

// Something in a file that was left out, and why.
struct Warning {
    std::string file;
    int line = 0;  // 1-based; 0 when the file as a whole is meant
    Error error;

    std::string message() const;  // "lights.yaml:12: E3104 ..."
};

using Context = std::map<std::string, std::string>;

// One spoken form of a value of a list.
struct ListValue {
    std::string text;   // what is said
    std::string value;  // what it means; becomes Slot::value
    Context context;    // e.g. {"domain": "light"}: checked by requires_context, merged into the result
};

// Lists that depend on the home, by name; pluggable without recompiling the grammar.
class Lists {
  public:
    Lists();
    ~Lists();
    Lists(const Lists& other);
    Lists(Lists&& other) noexcept;
    Lists& operator=(Lists other) noexcept;

    // Replaces list `name`; the order of values decides between equal matches.  Values beyond kListValuesMax
    // are dropped.
    void set(const std::string& name, const std::vector<ListValue>& values);
    // List `name` takes any words, as a wildcard: to learn what somebody meant by a name the home does not
    // have.
    void set_any(const std::string& name);

    struct Impl;  // match.h

    const Impl& impl() const { return *impl_; }

  private:
    std::unique_ptr<Impl> impl_;
};

// Bytes [begin, end) of the utterance as it was given.
struct Span {
    std::size_t begin = 0;
    std::size_t end = 0;
    friend bool operator==(const Span&, const Span&) = default;
};

struct Slot {
    std::string name;
    std::string value;  // numbers as decimal text: "50", "20.5"
    std::string text;   // what was said; empty for slots the sentence file fixes
    Span span;
    bool wildcard = false;
    friend bool operator==(const Slot&, const Slot&) = default;
};

// What one sentence means.  The same type comes from every rung.
struct Recognition {
    std::string intent;
    std::string combination;  // of slots, as the file or its metadata names it; else empty
    std::vector<Slot> slots;
    std::vector<Slot> captures;  // for the response alone
    Context context;
    std::string response;  // key of the response, as the file names it
    std::string rung = "T0";
    double confidence = 1.0;
    bool custom = false;
    std::uint32_t literal_characters = 0;  // of what was said that the template has word for word
    // Too little of what was said is vouched for: most of it was taken by wildcards.  Another rung should agree
    // before this counts as what was meant (docs/spec/sentences.md, "Guesses").
    bool needs_agreement = false;
    // Why: T0 names the template that matched and where it stands.
    std::string template_text;
    std::string file;
    int line = 0;

    const Slot* slot(std::string_view name) const;  // nullptr if there is none
};

// A template that got part of the way, for `--explain`.
struct NearMiss {
    std::string intent;
    std::string template_text;
    std::string file;
    int line = 0;
    std::size_t matched_bytes = 0;  // how far into the utterance it got
};

class Grammar {
  public:
    // Compiles the files of one language, in their order; they merge as Home Assistant merges them (later
    // keys win, lists of sentences are appended).  Never fails as a whole: what could not be used is in
    // warnings().
    static Grammar compile(const std::string& language, const std::vector<SourceFile>& files);

    Grammar(Grammar&&) noexcept;
    Grammar& operator=(Grammar&&) noexcept;
    ~Grammar();

    const std::string& language() const;
    const std::vector<Warning>& warnings() const;
    std::size_t template_count() const;
    // The words that are cut, folded, longest first.
    std::vector<std::string> skip_words() const;

    // The best reading of `utterance`, by the rules of docs/spec/sentences.md, or nothing.
    // `context`: what is known beforehand, e.g. {"area": "Kitchen"} for a device that stands there.
    Result<std::optional<Recognition>> recognise(std::string_view utterance,
                                                 const Lists& lists,
                                                 const Context& context = {}) const;
    // The templates that got furthest, best first, at most kNearMissesMax; for explaining a miss.
    std::vector<NearMiss> near_misses(std::string_view utterance,
                                      const Lists& lists,
                                      const Context& context = {}) const;

    struct Compiled;  // grammar.h

  private:
    explicit Grammar(std::unique_ptr<const Compiled> compiled);

    std::unique_ptr<const Compiled> compiled_;
};

// The sentences that ship inside the binary (folder sentences/), by language ("en", "de").
std::vector<std::string> built_in_languages();
std::vector<SourceFile> built_in_sentences(std::string_view language);

}  // namespace ambit::language
