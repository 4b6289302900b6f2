#include "capability/schema.h"

#include <map>
#include <optional>

#include <nlohmann/json.hpp>

namespace ambit::capability {

using nlohmann::json;

enum class Type : std::uint8_t { Any, Object, Array, String, Integer, Number, Boolean };

struct Schema::Node {
    std::string text;  // of the root only
    Type type = Type::Any;
    std::map<std::string, std::shared_ptr<const Node>> properties;
    std::vector<std::string> required;
    bool additional = true;
    std::vector<json> choices;
    std::optional<double> minimum;
    std::optional<double> maximum;
    std::optional<std::uint64_t> min_length;
    std::optional<std::uint64_t> max_length;
    std::optional<std::uint64_t> max_items;
    std::shared_ptr<const Node> items;
};

namespace {

using NodePtr = std::shared_ptr<const Schema::Node>;

Error bad_schema(std::string what) {
    return {ErrorCode::BadSchema, std::move(what)};
}

Result<Type> type_named(const json& name) {
    static const std::map<std::string, Type> names{{"object", Type::Object}, {"array", Type::Array},
                                                   {"string", Type::String}, {"integer", Type::Integer},
                                                   {"number", Type::Number}, {"boolean", Type::Boolean}};
    const auto found = name.is_string() ? names.find(name.get<std::string>()) : names.end();
    if (found == names.end()) {
        return bad_schema("unknown type");
    }
    return found->second;
}

Result<NodePtr> parse_node(const json& source, std::size_t depth);

Result<void> parse_properties(const json& source, std::size_t depth, Schema::Node& node) {
    if (!source.is_object()) {
        return bad_schema("properties must be an object");
    }
    for (const auto& [name, child] : source.items()) {
        AMBIT_TRY_ASSIGN(node.properties[name], parse_node(child, depth + 1));
    }
    return {};
}

Result<void> parse_required(const json& source, Schema::Node& node) {
    if (!source.is_array()) {
        return bad_schema("required must be a list");
    }
    for (const auto& name : source) {
        if (!name.is_string()) {
            return bad_schema("required must be a list of names");
        }
        node.required.push_back(name.get<std::string>());
    }
    return {};
}

Result<void> parse_bound(const std::string& keyword, const json& source, Schema::Node& node) {
    if (keyword == "minimum" || keyword == "maximum") {
        if (!source.is_number()) {
            return bad_schema(keyword + " must be a number");
        }
        (keyword == "minimum" ? node.minimum : node.maximum) = source.get<double>();
        return {};
    }
    if (!source.is_number_unsigned()) {
        return bad_schema(keyword + " must be a whole number");
    }
    auto& bound = keyword == "minLength"   ? node.min_length
                  : keyword == "maxLength" ? node.max_length
                                           : node.max_items;
    bound = source.get<std::uint64_t>();
    return {};
}

Result<void> parse_keyword(const std::string& keyword,
                           const json& source,
                           std::size_t depth,
                           Schema::Node& node) {
    if (keyword == "description") {
        return {};
    }
    if (keyword == "type") {
        AMBIT_TRY_ASSIGN(node.type, type_named(source));
        return {};
    }
    if (keyword == "properties") {
        return parse_properties(source, depth, node);
    }
    if (keyword == "required") {
        return parse_required(source, node);
    }
    if (keyword == "additionalProperties" && source.is_boolean()) {
        node.additional = source.get<bool>();
        return {};
    }
    if (keyword == "enum" && source.is_array() && !source.empty()) {
        node.choices.assign(source.begin(), source.end());
        return {};
    }
    if (keyword == "items") {
        AMBIT_TRY_ASSIGN(node.items, parse_node(source, depth + 1));
        return {};
    }
    if (keyword == "minimum" || keyword == "maximum" || keyword == "minLength" || keyword == "maxLength" ||
        keyword == "maxItems") {
        return parse_bound(keyword, source, node);
    }
    return bad_schema("keyword " + keyword);
}

Result<NodePtr> parse_node(const json& source, std::size_t depth) {
    if (depth > Schema::kDepthMax) {
        return bad_schema("nested too deep");
    }
    if (!source.is_object()) {
        return bad_schema("expected an object");
    }
    auto node = std::make_shared<Schema::Node>();
    for (const auto& [keyword, value] : source.items()) {
        AMBIT_TRY(parse_keyword(keyword, value, depth, *node));
    }
    return NodePtr(std::move(node));
}

// Paths name only what the schema names: a stranger's own names never get into errors.
Error bad_input(const std::string& path, const std::string& expected) {
    return {ErrorCode::BadInput, (path.empty() ? std::string("input") : path) + ": expected " + expected};
}

bool has_type(const json& value, Type type) {
    switch (type) {
        case Type::Any:
            return true;
        case Type::Object:
            return value.is_object();
        case Type::Array:
            return value.is_array();
        case Type::String:
            return value.is_string();
        case Type::Integer:
            return value.is_number_integer();
        case Type::Number:
            return value.is_number();
        case Type::Boolean:
            return value.is_boolean();
    }
    return false;
}

constexpr const char* kTypeNames[] = {"anything",       "an object", "a list",       "text",
                                      "a whole number", "a number",  "true or false"};

std::string shortest(double number) {
    const std::string text = json(number).dump();
    return text.ends_with(".0") ? text.substr(0, text.size() - 2) : text;
}

// Characters, not bytes, as JSON Schema counts.
std::uint64_t characters(const std::string& utf8) {
    return static_cast<std::uint64_t>(std::count_if(
        utf8.begin(), utf8.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

Result<void> check_node(const json& value, const Schema::Node& node, const std::string& path);

Result<void> check_object(const json& value, const Schema::Node& node, const std::string& path) {
    const std::string prefix = path.empty() ? "" : path + ".";
    for (const auto& name : node.required) {
        if (!value.contains(name)) {
            return bad_input(prefix + name, "a value");
        }
    }
    for (const auto& [name, child] : value.items()) {
        const auto known = node.properties.find(name);
        if (known != node.properties.end()) {
            AMBIT_TRY(check_node(child, *known->second, prefix + name));
        } else if (!node.additional) {
            return bad_input(path, "only the values in its description");
        }
    }
    return {};
}

Result<void> check_bounds(const json& value, const Schema::Node& node, const std::string& path) {
    if (value.is_number()) {
        const auto number = value.get<double>();
        if (node.minimum && number < *node.minimum) {
            return bad_input(path, "at least " + shortest(*node.minimum));
        }
        if (node.maximum && number > *node.maximum) {
            return bad_input(path, "at most " + shortest(*node.maximum));
        }
    }
    if (value.is_string()) {
        const std::uint64_t length = characters(value.get_ref<const std::string&>());
        if ((node.min_length && length < *node.min_length) ||
            (node.max_length && length > *node.max_length)) {
            return bad_input(path, "a text of another length");
        }
    }
    return {};
}

Result<void> check_node(const json& value, const Schema::Node& node, const std::string& path) {
    if (!has_type(value, node.type)) {
        return bad_input(path, kTypeNames[static_cast<std::size_t>(node.type)]);
    }
    if (!node.choices.empty() &&
        std::find(node.choices.begin(), node.choices.end(), value) == node.choices.end()) {
        return bad_input(path, "one of the choices in its description");
    }
    AMBIT_TRY(check_bounds(value, node, path));
    if (value.is_object()) {
        return check_object(value, node, path);
    }
    if (value.is_array()) {
        if (node.max_items && value.size() > *node.max_items) {
            return bad_input(path, "a shorter list");
        }
        for (const auto& item : value) {
            if (node.items) {
                AMBIT_TRY(check_node(item, *node.items, path + "[]"));
            }
        }
    }
    return {};
}

// Refuses what nests deeper than any schema here, before a tree is built from it.
json parse_bounded(ByteView text) {
    bool too_deep = false;
    auto parsed = json::parse(
        text.begin(), text.end(),
        [&](int depth, json::parse_event_t, json&) {
            too_deep = too_deep || depth > static_cast<int>(Schema::kDepthMax);
            return !too_deep;
        },
        false);
    return too_deep ? json(json::value_t::discarded) : parsed;
}

}  // namespace

Result<Schema> Schema::parse(std::string_view text) {
    const json source = json::parse(text, nullptr, false);
    if (source.is_discarded()) {
        return bad_schema("not JSON");
    }
    AMBIT_TRY_ASSIGN(const NodePtr root, parse_node(source, 0));
    auto with_text = std::make_shared<Node>(*root);
    with_text->text = text;
    return Schema(std::move(with_text));
}

Result<void> Schema::check(ByteView bytes) const {
    if (bytes.size() > kInputBytesMax) {
        return Error{ErrorCode::LimitExceeded, "input over 64 KiB"};
    }
    const json value = parse_bounded(bytes);
    if (value.is_discarded()) {
        return bad_input("", "JSON, nested at most 8 deep");
    }
    return check_node(value, *root_, "");
}

const std::string& Schema::text() const {
    return root_->text;
}

}  // namespace ambit::capability
