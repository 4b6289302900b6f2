// ambit language eval
#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "ambit/language_tools.h"
#include "intent_model/scoring.h"
#include "paths/paths.h"

namespace ambit::cli {
namespace {

using Clock = std::chrono::steady_clock;
using intent_model::IntentModel;
using intent_model::Score;

constexpr const char* kShipped = "intents/household.intents";

Json confusions_of(const Score& score, std::size_t most) {
    std::vector<std::pair<std::size_t, std::pair<std::string, std::string>>> rows;
    for (const auto& [labels, count] : score.confused) {
        rows.emplace_back(count, labels);
    }
    std::sort(rows.begin(), rows.end(), std::greater<>());
    Json out = Json::array();
    for (std::size_t i = 0; i < std::min(most, rows.size()); ++i) {
        out.push_back(
            {{"true", rows[i].second.first}, {"read", rows[i].second.second}, {"sentences", rows[i].first}});
    }
    return out;
}

Json reliability_of(const Score& score) {
    Json out = Json::array();
    for (std::size_t i = 0; i < score.tenths.size(); ++i) {
        const intent_model::Tenth& tenth = score.tenths[i];
        if (tenth.sentences != 0) {
            const auto count = static_cast<double>(tenth.sentences);
            out.push_back({{"from", static_cast<double>(i) / 10},
                           {"sentences", tenth.sentences},
                           {"confidence", tenth.confidence / count},
                           {"accuracy", static_cast<double>(tenth.right) / count}});
        }
    }
    return out;
}

Json json_of(const Score& score, std::size_t confusions) {
    return {{"in_scope", score.in_scope},
            {"intent_accuracy", score.intent_accuracy()},
            {"in_scope_accuracy", score.in_scope_accuracy()},
            {"out_of_scope", score.out_of_scope},
            {"oos_recall", score.out_of_scope_recall()},
            {"slots", score.spans_true},
            {"slot_f1", score.slot_f1()},
            {"exact", score.exact()},
            {"ece", score.calibration_error()},
            {"reliability", reliability_of(score)},
            {"confused", confusions_of(score, confusions)}};
}

std::string percent(const Json& answer, const char* key) {
    return fmt::format("{:.2f} %", 100 * number_of(answer, key));
}

std::string figures_text(const Json& answer, const Look& look) {
    Table table({"", ""});
    table.add(
        {"sentences", text_of(answer, "data") + ": " + fmt::format("{:.0f}", number_of(answer, "in_scope"))});
    table.add({"label space", text_of(answer, "head")});
    table.add({"intent right", percent(answer, "intent_accuracy")});
    table.add(
        {"right and accepted", percent(answer, "in_scope_accuracy") +
                                   fmt::format(" at confidence {:.3f}", number_of(answer, "threshold"))});
    if (number_of(answer, "out_of_scope") > 0) {
        table.add({"out of scope refused", percent(answer, "oos_recall") +
                                               fmt::format(" of {:.0f}", number_of(answer, "out_of_scope"))});
    }
    if (number_of(answer, "slots") > 0) {
        table.add({"slots (F1)", percent(answer, "slot_f1")});
        table.add({"all right", percent(answer, "exact")});
    }
    table.add({"calibration error", fmt::format("{:.3f}", number_of(answer, "ece"))});
    table.add({"a sentence", fmt::format("{:.0f} us", number_of(answer, "us_per_sentence"))});
    return table.text(look);
}

// One row of a reliability plot: '#' up to how many were right, '|' where the confidence said they would end.
std::string plotted(double accuracy, double confidence) {
    constexpr int kWidth = 40;
    const auto place = [](double part) { return static_cast<std::size_t>(part * kWidth + 0.5); };
    std::string row(kWidth + 1, ' ');
    std::fill_n(row.begin(), place(accuracy), '#');
    row[place(confidence)] = '|';
    return row;
}

std::string eval_text(const Json& answer, const Look& look) {
    std::string out = figures_text(answer, look) + "\n";
    Table reliability({"CONFIDENCE", "SENTENCES", "SAID", "RIGHT", "# RIGHT, | SAID"});
    for (const Json& row : list_of(answer, "reliability")) {
        reliability.add({fmt::format("{:.1f}-{:.1f}", number_of(row, "from"), number_of(row, "from") + 0.1),
                         fmt::format("{:.0f}", number_of(row, "sentences")), percent(row, "confidence"),
                         percent(row, "accuracy"),
                         plotted(number_of(row, "accuracy"), number_of(row, "confidence"))});
    }
    out += reliability.text(look);
    Table confused({"SENTENCES", "IS", "READ AS"});
    for (const Json& row : list_of(answer, "confused")) {
        confused.add(
            {fmt::format("{:.0f}", number_of(row, "sentences")), text_of(row, "true"), text_of(row, "read")});
    }
    return out + "\n" + confused.text(look);
}

Result<IntentModel> model_of(const EvalOptions& options) {
    const std::string path = options.model.empty() ? shared_file(kShipped) : options.model;
    AMBIT_TRY_ASSIGN(const std::string file, text_of_file(path));
    return IntentModel::load(to_bytes(file));
}

Result<std::optional<intent_model::Personal>> personal_of(const EvalOptions& options,
                                                          const IntentModel& model,
                                                          const std::string& head) {
    if (options.lessons.empty()) {
        return std::optional<intent_model::Personal>();
    }
    AMBIT_TRY_ASSIGN(const std::string text, text_of_file(options.lessons));
    AMBIT_TRY_ASSIGN(const auto lessons, intent_model::parse_lessons(text));
    AMBIT_TRY_ASSIGN(auto personal, intent_model::Personal::adapt(model, head, lessons));
    return std::optional(std::move(personal));
}

}  // namespace

Result<void> evaluate_model(const Context& context, const EvalOptions& options) {
    AMBIT_TRY_ASSIGN(const IntentModel model, model_of(options));
    AMBIT_TRY_ASSIGN(const std::string text, text_of_file(options.data));
    AMBIT_TRY_ASSIGN(const auto examples, intent_model::parse_examples(text));
    if (examples.empty()) {
        return Error{ErrorCode::BadExamples, "there is no sentence in " + options.data};
    }
    const std::string head = options.head.empty() ? intent_model::head_for(model, examples) : options.head;
    if (head.empty()) {
        return Error{ErrorCode::UnknownHead, "it knows fewer than half of the intents in " + options.data};
    }
    AMBIT_TRY_ASSIGN(const auto personal, personal_of(options, model, head));
    const auto start = Clock::now();
    AMBIT_TRY_ASSIGN(const Score score,
                     intent_model::score(model, head, examples, personal ? &*personal : nullptr));
    const double us = std::chrono::duration<double, std::micro>(Clock::now() - start).count();
    Json answer = {{"v", 1}, {"data", options.data}, {"head", head}, {"threshold", model.threshold(head)}};
    answer["us_per_sentence"] = us / static_cast<double>(examples.size());
    answer.update(json_of(score, options.confusions));
    context.show(answer, eval_text);
    return {};
}

}  // namespace ambit::cli
