// language list, import, remove, sample: which sentences are understood; a user's own files; samples.
#include <algorithm>
#include <memory>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "ambit/commands.h"
#include "ambit/hassil_eval.h"
#include "ambit/language_tools.h"
#include "ambit/render.h"
#include "ambit/sentence_files.h"
#include "language/sample.h"

namespace ambit::cli {
namespace {

constexpr std::size_t kDataBytesMax = 256UL * 1024 * 1024;

struct LanguageOptions {
    std::string directory;
    std::string language = "en";
    std::string name;
    bool dry_run = false;
    int count = 100;
    std::uint64_t seed = 1;
};

// The directory's own name, as an import may be called.
std::string import_name(const std::string& directory) {
    std::error_code failed;
    const auto whole = std::filesystem::weakly_canonical(directory, failed);
    std::string name = whole.filename().string();
    for (char& c : name) {
        const bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                          c == '-' || c == '_' || c == '.';
        c = good ? c : '-';
    }
    name.erase(0, name.find_first_not_of('.'));
    return name.empty() ? "imported" : name.substr(0, 64);
}

Json warning_json(const language::Warning& warning) {
    return {{"file", warning.file},
            {"line", warning.line},
            {"error",
             {{"number", static_cast<int>(warning.error.code)},
              {"name", std::string(describe(warning.error.code).name)},
              {"text", std::string(describe(warning.error.code).text)},
              {"detail", warning.error.detail}}}};
}

Result<void> import(const Context& context, const LanguageOptions& options) {
    AMBIT_TRY_ASSIGN(const SentenceFiles found, find_sentence_files(options.directory, options.language));
    Json body = {{"language", options.language},
                 {"name", options.name.empty() ? import_name(options.directory) : options.name},
                 {"dry_run", options.dry_run},
                 {"files", Json::array()}};
    for (const language::SourceFile& file : found.files) {
        body["files"].push_back({{"name", file.name}, {"text", file.text}});
    }
    if (found.files.empty()) {
        return Error{ErrorCode::NothingToImport,
                     options.directory + " has no sentence files of language " + options.language};
    }
    AMBIT_TRY_ASSIGN(Json answer, context.post("language/import", body));
    for (const language::Warning& warning : found.left_out) {
        answer["left_out"].push_back(warning_json(warning));
    }
    answer["left_out_count"] =
        number_of(answer, "left_out_count") + static_cast<double>(found.left_out.size());
    answer["dry_run"] = options.dry_run;
    context.show(answer, imported_text);
    return {};
}

// A home to take names and areas from: one of each kind, in English.
language::Home sample_home() {
    std::vector<language::HomeEntity> things;
    const auto add = [&things](const char* domain, const char* name, const char* area) {
        things.push_back({std::string(domain) + "." + name, name, area, domain, {}, {}});
    };
    for (const char* area : {"Kitchen", "Living Room", "Bedroom", "Bathroom", "Office", "Hall", "Garage"}) {
        things.push_back({std::string("light.") + area, std::string(area) + " Light", area, "light", {}, {}});
    }
    add("light", "Desk Lamp", "Office");
    add("switch", "Coffee Machine", "Kitchen");
    add("fan", "Ceiling Fan", "Bedroom");
    add("media_player", "TV", "Living Room");
    add("climate", "Thermostat", "Hall");
    add("cover", "Blinds", "Living Room");
    add("valve", "Garden Valve", "Garage");
    add("lock", "Front Door", "Hall");
    add("vacuum", "Robbie", "Hall");
    add("lawn_mower", "Mowgli", "Garage");
    add("scene", "Movie Night", "");
    add("binary_sensor", "Mailbox", "Hall");
    add("todo", "Shopping List", "");
    add("button", "Doorbell", "Hall");
    return language::Home(std::move(things));
}

std::size_t code_points(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

// One line in the format of the data sets: slots that were said, with code points; others are "fixed".
std::string sample_line(const language::Sample& sample, const std::string& language) {
    Json slots = Json::array();
    Json fixed = Json::object();
    for (const language::Slot& slot : sample.slots) {
        if (slot.text.empty()) {
            fixed[slot.name] = slot.value;
            continue;
        }
        const std::size_t start = code_points(std::string_view(sample.text).substr(0, slot.span.begin));
        slots.push_back({{"name", slot.name},
                         {"value", slot.text},
                         {"start", start},
                         {"end", start + code_points(slot.text)}});
    }
    Json line = {{"text", sample.text},
                 {"intent", sample.intent},
                 {"slots", slots},
                 {"template", sample.template_text},
                 {"source", "ambit-" + language},
                 {"split", "train"}};
    if (!fixed.empty()) {
        line["fixed"] = fixed;
    }
    return line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<void> sample(const Context& context, const LanguageOptions& options) {
    const auto files = language::built_in_sentences(options.language);
    if (files.empty()) {
        return Error{ErrorCode::InvalidArgument,
                     "no built-in sentences of language '" + options.language + "'"};
    }
    language::Sampler sampler(options.language, files, sample_home(), options.seed);
    for (int i = 0; i < options.count; ++i) {
        if (const auto one = sampler.next()) {
            context.put(sample_line(*one, options.language));
        }
    }
    return {};
}

void add_imports(CLI::App& language, Context& context, const std::shared_ptr<LanguageOptions>& options) {
    CLI::App* command =
        language.add_subcommand("list", "Which languages are understood, and what was imported");
    command->callback([&context] { context.finish(context.get_and_show("language", languages_text)); });

    command =
        language.add_subcommand("import", "Understand a user's own sentence files, on every device at once");
    command
        ->add_option("directory", options->directory,
                     "Home Assistant's custom_sentences, or a folder in either layout of its sentences")
        ->required();
    command->add_option("--language", options->language, "Of which language")->capture_default_str();
    command->add_option("--name", options->name, "What to call it; else the directory's name");
    command->add_flag("--dry-run", options->dry_run, "Say what would be taken, and take nothing");
    command->callback([&context, options] { context.finish(import(context, *options)); });

    command = language.add_subcommand("remove", "Forget an import");
    command->add_option("name", options->name, "As `ambit language list` shows it")->required();
    command->add_option("--language", options->language, "Of which language")->capture_default_str();
    command->callback([&context, options] {
        context.finish(context.post_and_show("language/remove",
                                             {{"language", options->language}, {"name", options->name}},
                                             import_removed_text));
    });
}

Result<void> evaluate_recorded(const Context& context, const EvalOptions& options, std::string data) {
    HassilSet set;
    set.data = std::move(data);
    if (!options.home.empty()) {
        AMBIT_TRY_ASSIGN(set.home, read_text_file(options.home, kDataBytesMax));
    }
    set.language = options.language;
    set.sentences = language::built_in_sentences(options.language);
    if (!options.sentences.empty()) {
        AMBIT_TRY_ASSIGN(SentenceFiles found, find_sentence_files(options.sentences, options.language));
        set.sentences = std::move(found.files);
    }
    AMBIT_TRY_ASSIGN(const Json answer, evaluate_hassil(set));
    context.show(answer, [](const Json& all, const Look&) { return hassil_eval_text(all); });
    return {};
}

}  // namespace

void add_sentence_commands(CLI::App& language, Context& context) {
    const auto options = std::make_shared<LanguageOptions>();
    add_imports(language, context, options);

    CLI::App* command =
        language.add_subcommand("sample", "Print sentences that are understood, with their meaning");
    command->add_option("--count", options->count, "How many")
        ->capture_default_str()
        ->check(CLI::Range(1, 10'000'000));
    command->add_option("--seed", options->seed, "The same seed gives the same sentences")
        ->capture_default_str();
    command->add_option("--language", options->language, "Of which language")->capture_default_str();
    command->footer("Example:\n  ambit language sample --count 20 --language de\n");
    command->callback([&context, options] { context.finish(sample(context, *options)); });
}

Result<void> evaluate(const Context& context, const EvalOptions& options) {
    AMBIT_TRY_ASSIGN(std::string data, read_text_file(options.data, kDataBytesMax));
    return is_hassil_set(data) ? evaluate_recorded(context, options, std::move(data))
                               : evaluate_model(context, options);
}

}  // namespace ambit::cli
