#include "mqtt/value_template.h"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <deque>
#include <optional>
#include <vector>

#include <nlohmann/json.hpp>

#include "mqtt/json_text.h"

namespace ambit::mqtt {
namespace {

using nlohmann::json;

struct Expression {
    enum class Kind : std::uint8_t { Literal, Value, ValueJson, Member, Filter, Binary, Not, Ternary };

    Kind kind = Kind::Literal;
    json literal;      // Literal; Member: the key or index
    std::string word;  // Filter: its name.  Binary: the operator
    std::vector<Expression> arguments;
};

using Term = Expression::Kind;

Error unsupported(const std::string& what) {
    return {ErrorCode::MqttTemplateUnsupported, what};
}

Error does_not_fit(const std::string& what) {
    return {ErrorCode::MqttAnnouncementInvalid, what};
}

Error too_long() {
    return does_not_fit("a text of more than " + std::to_string(kRenderedBytesMax) + " bytes");
}

bool is_name_char(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// Recursive descent over one {{ ... }}; the lowest precedence first.
class ExpressionParser {
  public:
    ExpressionParser(std::string_view text, std::string_view value) : text_(text), value_(value) {}

    Result<Expression> parse() {
        AMBIT_TRY_ASSIGN(Expression all, ternary());
        skip_spaces();
        if (at_ != text_.size()) {
            return unsupported("'" + std::string(text_.substr(at_, 16)) + "'");
        }
        return all;
    }

  private:
    Result<Expression> ternary() {
        if (++depth_ > kTemplateDepthMax) {
            return unsupported("nested too deeply");
        }
        AMBIT_TRY_ASSIGN(Expression then, binary(0));
        if (take_word("if")) {
            AMBIT_TRY_ASSIGN(Expression condition, binary(0));
            if (!take_word("else")) {
                return unsupported("'if' without 'else'");
            }
            AMBIT_TRY_ASSIGN(Expression otherwise, ternary());
            then = {Term::Ternary, {}, {}, {std::move(condition), std::move(then), std::move(otherwise)}};
        }
        --depth_;
        return then;
    }

    // Levels: or, and, not, comparisons.
    Result<Expression> binary(std::size_t level) {
        if (level == 2) {
            return negation();
        }
        const std::string_view word = level == 0 ? "or" : "and";
        AMBIT_TRY_ASSIGN(Expression left, binary(level + 1));
        while (take_word(word)) {
            AMBIT_TRY_ASSIGN(Expression right, binary(level + 1));
            left = {Term::Binary, {}, std::string(word), {std::move(left), std::move(right)}};
            if (++terms_ > kTemplateDepthMax) {
                return unsupported("too many terms");
            }
        }
        return left;
    }

    Result<Expression> negation() {
        bool negated = false;
        while (take_word("not")) {
            negated = !negated;
        }
        AMBIT_TRY_ASSIGN(Expression inner, comparison());
        if (negated) {
            return Expression{Term::Not, {}, {}, {std::move(inner)}};
        }
        return inner;
    }

    Result<Expression> comparison() {
        AMBIT_TRY_ASSIGN(Expression left, filtered());
        for (const std::string_view sign : {"==", "!=", "<=", ">=", "<", ">"}) {
            if (take(sign)) {
                AMBIT_TRY_ASSIGN(Expression right, filtered());
                return Expression{Term::Binary, {}, std::string(sign), {std::move(left), std::move(right)}};
            }
        }
        return left;
    }

    Result<Expression> filtered() {
        AMBIT_TRY_ASSIGN(Expression inner, primary());
        while (take("|")) {
            const std::string name = read_name();
            static constexpr std::string_view kKnown[] = {"float", "int",   "round",
                                                          "lower", "upper", "default"};
            if (std::find(std::begin(kKnown), std::end(kKnown), name) == std::end(kKnown)) {
                return unsupported("filter '" + name + "'");
            }
            Expression filter{Term::Filter, {}, name, {std::move(inner)}};
            if (take("(") && !take(")")) {
                AMBIT_TRY_ASSIGN(Expression argument, ternary());
                filter.arguments.push_back(std::move(argument));
                if (!take(")")) {
                    return unsupported("filter '" + name + "' with more than one argument");
                }
            }
            inner = std::move(filter);
            if (++terms_ > kTemplateDepthMax) {
                return unsupported("too many filters");
            }
        }
        return inner;
    }

    Result<Expression> primary() {
        skip_spaces();
        if (take("(")) {
            AMBIT_TRY_ASSIGN(Expression inner, ternary());
            if (!take(")")) {
                return unsupported("missing ')'");
            }
            return inner;
        }
        if (const auto literal = read_literal()) {
            return Expression{Term::Literal, *literal, {}, {}};
        }
        const std::string name = read_name();
        if (name == "value" || name == value_) {
            return Expression{Term::Value, {}, {}, {}};
        }
        if (name != "value_json") {
            return unsupported(name.empty() ? "'" + std::string(text_.substr(at_, 16)) + "'"
                                            : "name '" + name + "'");
        }
        return members({Term::ValueJson, {}, {}, {}});
    }

    // .a, ['a'] and [0], as often as they come.
    Result<Expression> members(Expression object) {
        for (;;) {
            json key;
            if (at_ < text_.size() && text_[at_] == '.') {
                ++at_;
                const std::string name = read_name();
                if (name.empty()) {
                    return unsupported("'.' without a name");
                }
                key = name;
            } else if (at_ < text_.size() && text_[at_] == '[') {
                ++at_;
                const auto literal = read_literal();
                if (!literal || !take("]")) {
                    return unsupported("an index that is no constant");
                }
                key = *literal;
            } else {
                return object;
            }
            if (++terms_ > kTemplateDepthMax) {
                return unsupported("a path of too many steps");
            }
            object = {Term::Member, std::move(key), {}, {std::move(object)}};
        }
    }

    std::optional<json> read_literal() {
        skip_spaces();
        if (at_ >= text_.size()) {
            return std::nullopt;
        }
        const char quote = text_[at_];
        if (quote == '\'' || quote == '"') {
            const std::size_t end = text_.find(quote, at_ + 1);
            if (end == std::string_view::npos ||
                text_.substr(at_, end - at_).find('\\') != std::string_view::npos) {
                return std::nullopt;
            }
            json out = std::string(text_.substr(at_ + 1, end - at_ - 1));
            at_ = end + 1;
            return out;
        }
        double number = 0;
        const auto [stop, status] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), number);
        if (status == std::errc() && (quote == '-' || (quote >= '0' && quote <= '9'))) {
            const std::string_view digits =
                text_.substr(at_, static_cast<std::size_t>(stop - text_.data()) - at_);
            at_ += digits.size();
            const bool whole =
                digits.find_first_of(".eE") == std::string_view::npos && std::abs(number) < 1e15;
            return whole ? json(static_cast<std::int64_t>(number)) : json(number);
        }
        for (const auto& [word, value] : {std::pair<std::string_view, json>{"true", true},
                                          {"True", true},
                                          {"false", false},
                                          {"False", false},
                                          {"none", nullptr},
                                          {"None", nullptr}}) {
            if (take_word(word)) {
                return value;
            }
        }
        return std::nullopt;
    }

    std::string read_name() {
        skip_spaces();
        const std::size_t begin = at_;
        while (at_ < text_.size() && is_name_char(text_[at_])) {
            ++at_;
        }
        return std::string(text_.substr(begin, at_ - begin));
    }

    bool take(std::string_view sign) {
        skip_spaces();
        if (!text_.substr(at_).starts_with(sign)) {
            return false;
        }
        at_ += sign.size();
        return true;
    }

    bool take_word(std::string_view word) {
        skip_spaces();
        const std::size_t end = at_ + word.size();
        if (!text_.substr(at_).starts_with(word) || (end < text_.size() && is_name_char(text_[end]))) {
            return false;
        }
        at_ = end;
        return true;
    }

    void skip_spaces() {
        while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) {
            ++at_;
        }
    }

    std::string_view text_;
    std::string_view value_;  // another name of it
    std::size_t at_ = 0;
    std::size_t depth_ = 0;
    std::size_t terms_ = 0;
};

std::optional<double> number_of(const json& value) {
    if (value.is_number()) {
        return value.get<double>();
    }
    if (value.is_boolean()) {
        return value.get<bool>() ? 1 : 0;
    }
    if (!value.is_string()) {
        return std::nullopt;
    }
    const std::string& text = value.get_ref<const std::string&>();
    const std::size_t first = text.find_first_not_of(' ');
    if (first == std::string::npos) {
        return std::nullopt;
    }
    const std::size_t last = text.find_last_not_of(' ') + 1;
    double number = 0;
    const auto [stop, status] = std::from_chars(text.data() + first, text.data() + last, number);
    return status == std::errc() && stop == text.data() + last && std::isfinite(number)
               ? std::optional(number)
               : std::nullopt;
}

bool is_true(const json& value) {
    return value.is_boolean()  ? value.get<bool>()
           : value.is_number() ? value.get<double>() != 0
           : value.is_string() ? !value.get_ref<const std::string&>().empty()
                               : value.is_structured() && !value.empty();
}

// Once for each {{ ... }}.  What it finds is pointed at and never copied: a payload may be large and be asked
// for often.
class Evaluator {
  public:
    explicit Evaluator(const Payload& payload) : payload_(payload) {}

    // Lives as long as this, the payload and the expression.
    Result<const json*> evaluate(const Expression& expression) {
        switch (expression.kind) {
            case Term::Literal:
                return &expression.literal;
            case Term::Value: {
                AMBIT_TRY_ASSIGN(std::string text, bounded(payload_.text()));
                return made(std::move(text));
            }
            case Term::ValueJson:
                return payload_.json().is_discarded()
                           ? Result<const json*>(does_not_fit("the payload is not JSON"))
                           : Result<const json*>(&payload_.json());
            case Term::Member:
                return member(expression);
            case Term::Filter:
                return filter(expression);
            case Term::Binary:
                return binary(expression);
            case Term::Not: {
                AMBIT_TRY_ASSIGN(const json* inner, evaluate(expression.arguments[0]));
                return made(!is_true(*inner));
            }
            case Term::Ternary: {
                AMBIT_TRY_ASSIGN(const json* condition, evaluate(expression.arguments[0]));
                return evaluate(expression.arguments[is_true(*condition) ? 1 : 2]);
            }
        }
        return does_not_fit("not an expression");
    }

    // As Jinja prints it: True, 21.5, text.
    static Result<std::string> text_of(const json& value) {
        if (value.is_string()) {
            return bounded(value.get_ref<const std::string&>());
        }
        if (value.is_boolean()) {
            return std::string(value.get<bool>() ? "True" : "False");
        }
        if (value.is_number()) {
            return value.dump();
        }
        return does_not_fit(value.is_null() ? "the payload lacks the value asked for"
                                            : "the value is not a single one");
    }

  private:
    static Result<std::string> bounded(std::string_view text) {
        return text.size() > kRenderedBytesMax ? Result<std::string>(too_long()) : std::string(text);
    }

    const json* made(json value) { return &made_.emplace_back(std::move(value)); }

    // A missing member is undefined, here null: `default` may replace it, rendering refuses it.
    Result<const json*> member(const Expression& expression) {
        AMBIT_TRY_ASSIGN(const json* object, evaluate(expression.arguments[0]));
        const json& key = expression.literal;
        if (key.is_string() && object->is_object()) {
            const auto found = object->find(key.get_ref<const std::string&>());
            return found == object->end() ? made(nullptr) : &*found;
        }
        if (key.is_number_integer() && object->is_array()) {
            const auto index = key.get<std::int64_t>();
            const bool inside = index >= 0 && static_cast<std::size_t>(index) < object->size();
            return inside ? &(*object)[static_cast<std::size_t>(index)] : made(nullptr);
        }
        return made(nullptr);
    }

    Result<const json*> filter(const Expression& expression) {
        AMBIT_TRY_ASSIGN(const json* value, evaluate(expression.arguments[0]));
        const json* argument = nullptr;
        if (expression.arguments.size() > 1) {
            AMBIT_TRY_ASSIGN(argument, evaluate(expression.arguments[1]));
        }
        if (expression.word == "default") {
            return !value->is_null() ? value : argument != nullptr ? argument : made("");
        }
        if (expression.word == "lower" || expression.word == "upper") {
            AMBIT_TRY_ASSIGN(std::string text, text_of(*value));
            for (char& c : text) {
                const bool lower = expression.word == "lower";
                if (lower ? (c >= 'A' && c <= 'Z') : (c >= 'a' && c <= 'z')) {
                    c = static_cast<char>(c ^ 0x20);
                }
            }
            return made(std::move(text));
        }
        const auto number = number_of(*value);
        if (!number) {
            return argument != nullptr && expression.word != "round"
                       ? Result<const json*>(argument)
                       : Result<const json*>(does_not_fit("not a number"));
        }
        AMBIT_TRY_ASSIGN(json out, numeric(expression.word, *number, argument));
        return made(std::move(out));
    }

    static Result<json> numeric(const std::string& name, double number, const json* argument) {
        if (name == "float") {
            return json(number);
        }
        if (std::abs(number) > 1e15) {
            return does_not_fit("number too large");
        }
        if (name == "int") {
            return json(static_cast<std::int64_t>(number));
        }
        const double digits = argument != nullptr ? number_of(*argument).value_or(0) : 0;
        const double scale = std::pow(10.0, std::clamp(digits, 0.0, 9.0));
        return json(std::nearbyint(number * scale) / scale);
    }

    Result<const json*> binary(const Expression& expression) {
        AMBIT_TRY_ASSIGN(const json* left, evaluate(expression.arguments[0]));
        if ((expression.word == "or" && is_true(*left)) || (expression.word == "and" && !is_true(*left))) {
            return left;
        }
        AMBIT_TRY_ASSIGN(const json* right, evaluate(expression.arguments[1]));
        const std::string& sign = expression.word;
        if (sign == "or" || sign == "and") {
            return right;
        }
        if (sign == "==" || sign == "!=") {
            return made((*left == *right) == (sign == "=="));
        }
        if (left->is_number() != right->is_number() || left->is_string() != right->is_string()) {
            return does_not_fit("cannot compare these");
        }
        return made(sign == "<"    ? *left < *right
                    : sign == "<=" ? *left <= *right
                    : sign == ">"  ? *left > *right
                                   : *left >= *right);
    }

    const Payload& payload_;
    std::deque<json> made_;  // on the way
};

}  // namespace

struct ValueTemplate::Parts {
    struct Part {
        std::string text;  // before the expression
        std::optional<Expression> expression;
    };

    std::vector<Part> parts;
};

const json& Payload::json() const {
    if (json_ == nullptr) {
        json_ = std::make_shared<const nlohmann::json>(parsed(text_));
    }
    return *json_;
}

Result<ValueTemplate> ValueTemplate::parse(std::string_view text, std::string_view name) {
    if (text.size() > kTemplateBytesMax) {
        return unsupported("longer than " + std::to_string(kTemplateBytesMax) + " bytes");
    }
    ValueTemplate made;
    if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
        return made;
    }
    if (text.find("{%") != std::string_view::npos || text.find("{#") != std::string_view::npos) {
        return unsupported("a statement ({% ... %})");
    }
    auto parts = std::make_shared<Parts>();
    while (!text.empty()) {
        const std::size_t open = text.find("{{");
        if (open == std::string_view::npos) {
            parts->parts.push_back({std::string(text), std::nullopt});
            break;
        }
        const std::size_t close = text.find("}}", open);
        if (close == std::string_view::npos) {
            return unsupported("'{{' without '}}'");
        }
        AMBIT_TRY_ASSIGN(Expression expression,
                         ExpressionParser(text.substr(open + 2, close - open - 2), name).parse());
        parts->parts.push_back({std::string(text.substr(0, open)), std::move(expression)});
        text.remove_prefix(close + 2);
    }
    made.parts_ = std::move(parts);
    return made;
}

Result<std::string> ValueTemplate::render(const Payload& payload) const {
    if (empty()) {
        return payload.text().size() > kRenderedBytesMax ? Result<std::string>(too_long())
                                                         : std::string(payload.text());
    }
    std::string out;
    for (const Parts::Part& part : parts_->parts) {
        out += part.text;
        if (part.expression) {
            Evaluator evaluator(payload);
            AMBIT_TRY_ASSIGN(const json* value, evaluator.evaluate(*part.expression));
            AMBIT_TRY_ASSIGN(const std::string text, Evaluator::text_of(*value));
            out += text;
        }
        if (out.size() > kRenderedBytesMax) {
            return too_long();
        }
    }
    const std::size_t first = out.find_first_not_of(" \t\r\n");
    return first == std::string::npos ? std::string()
                                      : out.substr(first, out.find_last_not_of(" \t\r\n") - first + 1);
}

}  // namespace ambit::mqtt
