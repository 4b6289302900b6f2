// ambit language train
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "ambit/language_tools.h"
#include "intent_model/recipe.h"

namespace ambit::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kBetweenNotes = std::chrono::seconds(10);

Result<std::vector<intent_model::NamedSet>> read_sets(const std::vector<std::string>& sets) {
    std::vector<intent_model::NamedSet> out;
    for (const std::string& set : sets) {
        const std::size_t equals = set.find('=');
        if (equals == std::string::npos || equals == 0) {
            return Error{ErrorCode::InvalidArgument, "--set wants NAME=FILE, not \"" + set + "\""};
        }
        const std::string path = set.substr(equals + 1);
        AMBIT_TRY_ASSIGN(const std::string text, text_of_file(path));
        auto examples = intent_model::parse_examples(text);
        if (!examples) {
            return Error{examples.error().code, path + ": " + examples.error().detail};
        }
        out.push_back({set.substr(0, equals), std::move(*examples)});
    }
    return intent_model::with_others(std::move(out));
}

std::string trained_text(const Json& answer, const Look& /*look*/) {
    return fmt::format("{}  {:.2f} MB, hash {}\n", text_of(answer, "model"), number_of(answer, "bytes") / 1e6,
                       text_of(answer, "hash"));
}

// Steps until it is done, with a note now and then and the checkpoint kept up to date.
Result<void> run_to_end(const Context& context, const TrainOptions& options, intent_model::RecipeRun& run) {
    auto noted = Clock::now();
    const auto started = noted;
    const std::size_t first = run.step();
    while (!run.done()) {
        run.advance();
        const auto now = Clock::now();
        if (now - noted > kBetweenNotes) {
            noted = now;
            const double passed = std::chrono::duration<double>(now - started).count();
            const double left = passed / static_cast<double>(run.step() - first) *
                                static_cast<double>(run.steps() - run.step());
            context.note(fmt::format("step {} of {}, loss {:.3f}, {:.0f} min left\n", run.step(), run.steps(),
                                     run.loss(), left / 60));
        }
        if (!options.checkpoint.empty() && run.step() % options.checkpoint_steps == 0) {
            AMBIT_TRY(write_file(options.checkpoint, to_text(run.checkpoint())));
        }
    }
    return {};
}

}  // namespace

Result<std::string> text_of_file(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(in), {}};
    if (!in.is_open() || in.bad()) {
        return Error{ErrorCode::InvalidArgument, "cannot read " + path};
    }
    return text;
}

Result<void> write_file(const std::string& path, std::string_view content) {
    const std::string beside = path + ".new";
    std::ofstream out(beside, std::ios::binary | std::ios::trunc);
    out.write(content.data(), static_cast<std::streamsize>(content.size()));
    out.close();
    std::error_code failed;
    if (out) {
        std::filesystem::rename(beside, path, failed);
    }
    if (!out || failed) {
        return Error{ErrorCode::InvalidArgument, "cannot write " + path};
    }
    return {};
}

Result<void> train_model(const Context& context, const TrainOptions& options) {
    AMBIT_TRY_ASSIGN(std::vector<intent_model::NamedSet> sets, read_sets(options.sets));
    const auto* const own = intent_model::intents_of_device(options.device);
    if (own != nullptr || !options.intents.empty()) {
        sets = intent_model::specialised(std::move(sets), own != nullptr ? *own : options.intents);
    }
    intent_model::Recipe recipe = *intent_model::recipe_named(options.recipe);
    if (options.seed != 0) {
        recipe.plan.seed = options.seed;
    }
    AMBIT_TRY_ASSIGN(intent_model::RecipeRun run, intent_model::RecipeRun::create(std::move(sets), recipe));
    if (!options.checkpoint.empty() && std::filesystem::exists(options.checkpoint)) {
        AMBIT_TRY_ASSIGN(const std::string checkpoint, text_of_file(options.checkpoint));
        AMBIT_TRY(run.resume(to_bytes(checkpoint)));
        context.note(fmt::format("going on at step {}\n", run.step()));
    }
    AMBIT_TRY(run_to_end(context, options, run));
    const Bytes model = run.model();
    AMBIT_TRY(write_file(options.out, to_text(model)));
    context.show({{"v", 1},
                  {"model", options.out},
                  {"bytes", model.size()},
                  {"hash", fmt::format("{:016x}", intent_model::hash_of(to_text(model)))}},
                 trained_text);
    return {};
}

}  // namespace ambit::cli
