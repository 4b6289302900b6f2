#include "language/yaml.h"

#include <algorithm>
#include <map>
#include <sstream>

#include <yaml-cpp/anchor.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <nlohmann/json.hpp>

namespace ambit::language {
namespace {

// Refused inside yaml-cpp's callbacks; thrown so that its recursion ends at once.
struct Refused {
    std::string what;
    int line;
};

std::size_t count_nodes(const Yaml& node) {
    std::size_t count = 1;
    for (const Yaml& item : node.items) {
        count += count_nodes(item);
    }
    for (const auto& [key, value] : node.fields) {
        count += count_nodes(value);
    }
    return count;
}

// Builds the tree from yaml-cpp's events; `open_` is the path from the root to where the next node goes.
class TreeBuilder final : public YAML::EventHandler {
  public:
    Yaml take() { return std::move(root_); }

    void OnDocumentStart(const YAML::Mark& /*mark*/) override {}

    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        add({Yaml::Kind::Null, mark.line + 1}, anchor);
    }

    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        const auto found = anchors_.find(anchor);
        if (found == anchors_.end()) {
            throw Refused{"an alias to something that is not complete", mark.line + 1};
        }
        nodes_ += count_nodes(found->second);
        Yaml copy = found->second;
        copy.line = mark.line + 1;
        add(std::move(copy), 0);
    }

    void OnScalar(const YAML::Mark& mark,
                  const std::string& tag,
                  YAML::anchor_t anchor,
                  const std::string& value) override {
        const bool plain = tag == "?";
        if (plain && (value == "~" || value == "null")) {
            return OnNull(mark, anchor);
        }
        add({Yaml::Kind::Scalar, mark.line + 1, value}, anchor);
    }

    void OnSequenceStart(const YAML::Mark& mark,
                         const std::string& /*tag*/,
                         YAML::anchor_t anchor,
                         YAML::EmitterStyle::value /*style*/) override {
        open({Yaml::Kind::Sequence, mark.line + 1}, anchor);
    }

    void OnSequenceEnd() override { close(); }

    void OnMapStart(const YAML::Mark& mark,
                    const std::string& /*tag*/,
                    YAML::anchor_t anchor,
                    YAML::EmitterStyle::value /*style*/) override {
        open({Yaml::Kind::Map, mark.line + 1}, anchor);
    }

    void OnMapEnd() override { close(); }

  private:
    struct Open {
        Yaml node;
        YAML::anchor_t anchor = 0;
        std::string key;
        bool has_key = false;
    };

    void open(Yaml node, YAML::anchor_t anchor) {
        if (open_.size() >= kYamlDepthMax) {
            throw Refused{"nested deeper than " + std::to_string(kYamlDepthMax), node.line};
        }
        open_.push_back({std::move(node), anchor, {}, false});
    }

    void close() {
        Open done = std::move(open_.back());
        open_.pop_back();
        add(std::move(done.node), done.anchor);
    }

    void add(Yaml node, YAML::anchor_t anchor) {
        if (++nodes_ > kYamlNodesMax) {
            throw Refused{"more than " + std::to_string(kYamlNodesMax) + " values", node.line};
        }
        if (anchor != 0) {
            nodes_ += count_nodes(node);
            anchors_[anchor] = node;
        }
        if (open_.empty()) {
            root_ = std::move(node);
            return;
        }
        Open& parent = open_.back();
        if (parent.node.kind == Yaml::Kind::Sequence) {
            parent.node.items.push_back(std::move(node));
        } else if (!parent.has_key) {
            if (node.kind == Yaml::Kind::Sequence || node.kind == Yaml::Kind::Map) {
                throw Refused{"a key that is not text", node.line};
            }
            parent.key = std::move(node.scalar);
            parent.has_key = true;
        } else {
            parent.node.fields.emplace_back(std::move(parent.key), std::move(node));
            parent.has_key = false;
        }
    }

    Yaml root_;
    std::vector<Open> open_;
    std::map<YAML::anchor_t, Yaml> anchors_;
    std::size_t nodes_ = 0;
};

// Shapes on which the scanner recurses or is slow, seen line by line before it runs.
Result<void> check_shape(std::string_view text, int& line) {
    line = 1;
    for (std::size_t begin = 0; begin < text.size(); ++line) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        const std::string_view row = text.substr(begin, end - begin);
        begin = end + 1;
        const std::size_t indent = std::min(row.find_first_not_of(' '), row.size());
        const auto count = [row](std::string_view marks) {
            return std::count_if(row.begin(), row.end(),
                                 [marks](char c) { return marks.find(c) != marks.npos; });
        };
        const std::size_t compact = std::min(row.find_first_not_of("-? :"), row.size()) - indent;
        const bool only_flow = row.find_first_not_of(" [{,:\"'") == row.npos && count("[{") > 8;
        if (indent > kYamlIndentMax || compact > kYamlLineNestingMax || only_flow ||
            static_cast<std::size_t>(count("[{")) > 16 * kYamlLineNestingMax) {
            return Error{ErrorCode::SentenceFileInvalid, "nested too deeply"};
        }
    }
    return {};
}

}  // namespace

Yaml::Yaml() = default;

Yaml::Yaml(Kind its_kind, int its_line, std::string text)
    : kind(its_kind), line(its_line), scalar(std::move(text)) {}

Yaml::~Yaml() = default;
Yaml::Yaml(const Yaml&) = default;
Yaml::Yaml(Yaml&&) noexcept = default;
Yaml& Yaml::operator=(const Yaml&) = default;
Yaml& Yaml::operator=(Yaml&&) noexcept = default;

const Yaml* Yaml::find(std::string_view key) const {
    const auto found =
        std::find_if(fields.rbegin(), fields.rend(), [key](const auto& field) { return field.first == key; });
    return found == fields.rend() ? nullptr : &found->second;
}

bool Yaml::is_true() const {
    return kind == Kind::Scalar && (scalar == "true" || scalar == "True");
}

std::vector<std::string> Yaml::strings() const {
    std::vector<std::string> out;
    if (kind == Kind::Scalar) {
        out.push_back(scalar);
    }
    for (const Yaml& item : items) {
        if (item.kind == Kind::Scalar) {
            out.push_back(item.scalar);
        }
    }
    return out;
}

std::string Yaml::text() const {
    const auto quoted = [](const std::string& s) {
        return nlohmann::json(s).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    };
    std::string out;
    switch (kind) {
        case Kind::Null:
            return {};
        case Kind::Scalar:
            return scalar;
        case Kind::Sequence:
            for (const Yaml& item : items) {
                out += (out.empty() ? "" : ",") +
                       (item.kind == Kind::Scalar ? quoted(item.scalar) : item.text());
            }
            return "[" + out + "]";
        case Kind::Map:
            for (const auto& [key, value] : fields) {
                out += (out.empty() ? "" : ",") + quoted(key) + ":" +
                       (value.kind == Kind::Scalar ? quoted(value.scalar) : value.text());
            }
            return "{" + out + "}";
    }
    return out;
}

Result<Yaml> parse_yaml(std::string_view text, int& line_out) {
    line_out = 0;
    if (text.size() > kSentenceFileBytesMax) {
        return Error{ErrorCode::SentenceFileInvalid,
                     "larger than " + std::to_string(kSentenceFileBytesMax) + " bytes"};
    }
    if (text.find('\0') != std::string_view::npos) {
        return Error{ErrorCode::SentenceFileInvalid, "not text: it holds a zero byte"};
    }
    AMBIT_TRY(check_shape(text, line_out));
    TreeBuilder builder;
    try {
        std::istringstream input{std::string(text)};
        YAML::Parser parser(input);
        parser.HandleNextDocument(builder);
    } catch (const Refused& refused) {
        line_out = refused.line;
        return Error{ErrorCode::SentenceFileInvalid, refused.what};
    } catch (const YAML::Exception& exception) {
        line_out = exception.mark.line + 1;
        return Error{ErrorCode::SentenceFileInvalid, exception.msg};
    }
    line_out = 0;
    return builder.take();
}

}  // namespace ambit::language
