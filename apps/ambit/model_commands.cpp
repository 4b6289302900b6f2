// language train, eval: makes and measures the small model that reads sentences; works without a daemon.
#include <memory>

#include <CLI/CLI.hpp>

#include "ambit/commands.h"
#include "ambit/language_tools.h"
#include "intent_model/recipe.h"

namespace ambit::cli {
namespace {

void add_train(CLI::App& language, Context& context) {
    const auto options = std::make_shared<TrainOptions>();
    CLI::App* train = language.add_subcommand("train", "Make a model from sentences whose reading is known");
    train->add_option("--set", options->sets, "NAME=FILE.jsonl, once for each label space")->required();
    train->add_option("--recipe", options->recipe, "How large a model")
        ->capture_default_str()
        ->check([](const std::string& name) {
            return intent_model::recipe_named(name) != nullptr ? std::string() : "no such recipe: " + name;
        });
    train->add_option("--only", options->intents, "Intents of a device; all others are out of scope")
        ->delimiter(',');
    train
        ->add_option("--device", options->device,
                     "As --only, with the intents of a car, a speaker or a watch")
        ->check([](const std::string& name) {
            return intent_model::intents_of_device(name) != nullptr ? std::string()
                                                                    : "no such device: " + name;
        });
    train->add_option("--out", options->out, "The model file to write")->required();
    train->add_option("--checkpoint", options->checkpoint,
                      "Kept up to date; goes on from it when it is there");
    train->add_option("--checkpoint-steps", options->checkpoint_steps, "How often")->capture_default_str();
    train->add_option("--seed", options->seed, "Another seed, another model; without it the recipe's");
    train->footer(
        "Example:\n  ambit language train --set home=home.jsonl --recipe tenth --out home.intents "
        "--checkpoint home.part\n");
    train->callback([&context, options] { context.finish(train_model(context, *options)); });
}

void add_eval(CLI::App& language, Context& context) {
    const auto options = std::make_shared<EvalOptions>();
    CLI::App* eval = language.add_subcommand("eval", "Measure how well sentences are read");
    eval->add_option("--data", options->data, "FILE.jsonl of sentences whose reading is known")->required();
    eval->add_option("--model", options->model, "A model file; without it the one that came with Ambit");
    eval->add_option("--head", options->head,
                     "Which of the model's label spaces; without it the one that fits");
    eval->add_option("--lessons", options->lessons, "A person's lessons, to be counted in");
    eval->add_option("--home", options->home,
                     "For readings recorded from hassil: the home they were said in");
    eval->add_option("--sentences", options->sentences,
                     "... and the sentence files to read them with; else the built-in ones");
    eval->add_option("--language", options->language, "... and their language")->capture_default_str();
    eval->add_option("--confusions", options->confusions, "How many rows of the table of mistakes")
        ->capture_default_str();
    eval->footer(
        "Example:\n  ambit language eval --data ../shared/data/nlu/nlu/massive_en.dev.jsonl --json\n");
    eval->callback([&context, options] { context.finish(evaluate(context, *options)); });
}

}  // namespace

void add_model_commands(CLI::App& language, Context& context) {
    add_train(language, context);
    add_eval(language, context);
}

}  // namespace ambit::cli
