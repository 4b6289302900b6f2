// Language tools: what `ambit language train` and `ambit language eval` do, without a daemon.
//
// Ownership: values.  Threads: one.
// Failure: InvalidArgument for a file that cannot be read or written; the intent model's own errors
// (3120-3139). Spec: docs/intent-model.md.
#pragma once

#include <string>
#include <vector>

#include "ambit/context.h"

namespace ambit::cli {

struct TrainOptions {
    std::vector<std::string> sets;  // NAME=FILE.jsonl
    std::string recipe = "full";
    std::vector<std::string> intents;  // only these; none: all
    std::string device;                // or only what this kind of device reads
    std::string out;
    std::string checkpoint;  // "": none
    std::size_t checkpoint_steps = 200;
    unsigned seed = 0;  // 0: the recipe's
};

struct EvalOptions {
    std::string data;
    std::string model;  // "": the one that came with Ambit
    std::string head;   // "": the one that knows the data's intents
    std::string lessons;
    std::size_t confusions = 20;
    // Of readings recorded from hassil.
    std::string home;
    std::string sentences;  // "": the built-in ones
    std::string language = "en";
};

Result<void> train_model(const Context& context, const TrainOptions& options);
// Takes either kind of set: sentences with intent and slots, or with readings recorded from hassil.
Result<void> evaluate(const Context& context, const EvalOptions& options);
Result<void> evaluate_model(const Context& context, const EvalOptions& options);

Result<std::string> text_of_file(const std::string& path);
// Whole or not at all: written beside it first.
Result<void> write_file(const std::string& path, std::string_view content);

}  // namespace ambit::cli
