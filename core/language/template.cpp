#include "language/template.h"

#include <algorithm>
#include <numeric>

#include "base/text.h"
#include "language/text.h"

namespace ambit::language {
namespace {

using Kind = TemplateNode::Kind;

TemplateNode text_node(std::string text) {
    TemplateNode node;
    node.kind = Kind::Text;
    node.text = std::move(text);
    return node;
}

TemplateNode group_node(Kind kind, std::vector<TemplateNode> items) {
    TemplateNode node;
    node.kind = kind;
    node.items = std::move(items);
    return node;
}

class TemplateParser {
  public:
    explicit TemplateParser(std::string_view text) : text_(text) {}

    Result<TemplateNode> parse() {
        AMBIT_TRY_ASSIGN(TemplateNode root, group('\0', 0));
        // A group around everything says nothing.
        while (root.kind == Kind::Sequence && root.items.size() == 1 && !root.items.front().items.empty()) {
            TemplateNode only = std::move(root.items.front());
            root = std::move(only);
        }
        return root;
    }

  private:
    Error error(const std::string& what) const {
        return {ErrorCode::SentenceTemplateInvalid, what + " at column " + std::to_string(at_ + 1)};
    }

    // Everything up to `closer` (which is consumed), with its alternatives or permutations.
    Result<TemplateNode> group(char closer, std::size_t depth) {
        if (depth > kTemplateDepthMax) {
            return error("brackets nested deeper than " + std::to_string(kTemplateDepthMax));
        }
        std::vector<TemplateNode> branches(1);
        char separator = '\0';
        while (at_ < text_.size() && (closer == '\0' || text_[at_] != closer)) {
            const char c = text_[at_];
            if (c == '|' || c == ';') {
                if (separator != '\0' && separator != c) {
                    return error("'|' and ';' mixed in one group");
                }
                separator = c;
                branches.emplace_back();
                ++at_;
                continue;
            }
            AMBIT_TRY_ASSIGN(TemplateNode item, next(depth));
            branches.back().items.push_back(std::move(item));
        }
        if (closer != '\0' && at_++ >= text_.size()) {
            return error(std::string("missing '") + closer + "'");
        }
        if (separator == ';' && branches.size() > kPermutationItemsMax) {
            return error("more than " + std::to_string(kPermutationItemsMax) + " items in a permutation");
        }
        return joined(std::move(branches), separator, closer == ']');
    }

    static TemplateNode joined(std::vector<TemplateNode> branches, char separator, bool is_optional) {
        TemplateNode node;
        if (separator == ';') {
            for (TemplateNode& branch : branches) {
                branch.items.insert(branch.items.begin(), text_node(" "));
                branch.items.push_back(text_node(" "));
            }
            node = group_node(Kind::Permutation, std::move(branches));
        } else if (separator == '|') {
            node = group_node(Kind::Alternative, std::move(branches));
        } else {
            node = std::move(branches.front());
        }
        if (!is_optional) {
            return node;
        }
        if (node.kind != Kind::Alternative) {
            TemplateNode whole = std::move(node);
            node = group_node(Kind::Alternative, {});
            node.items.push_back(std::move(whole));
        }
        node.items.push_back(text_node(""));
        return node;
    }

    Result<TemplateNode> next(std::size_t depth) {
        switch (text_[at_]) {
            case '(':
                ++at_;
                return group(')', depth + 1);
            case '[':
                ++at_;
                return group(']', depth + 1);
            case '{':
                return list();
            case '<':
                return rule();
            case ')':
            case ']':
            case '}':
            case '>':
                return error(std::string("unexpected '") + text_[at_] + "'");
            default:
                return word();
        }
    }

    // One word with the spaces before and behind it.
    TemplateNode word() {
        std::string out;
        bool behind_word = false;
        for (const std::size_t begin = at_; at_ < text_.size(); ++at_) {
            const char c = text_[at_];
            if (c == '\\' && at_ + 1 < text_.size()) {
                out.push_back(text_[++at_]);
                continue;
            }
            if (std::string_view("()[]{}<>|;").find(c) != std::string_view::npos) {
                break;
            }
            if (c == ' ' && at_ > begin) {
                behind_word = true;
            } else if (behind_word) {
                break;
            }
            out.push_back(c);
        }
        return text_node(fold(out));
    }

    // The name between the delimiters at the cursor, which moves past them.
    Result<std::string> name(char closer) {
        const std::size_t end = text_.find(closer, at_ + 1);
        if (end == std::string_view::npos) {
            return error(std::string("missing '") + closer + "'");
        }
        std::string out(text_.substr(at_ + 1, end - at_ - 1));
        const std::size_t first = out.find_first_not_of(' ');
        if (first == std::string::npos || out.find_first_of("(){}[]<>") != std::string::npos) {
            return error("not a name");
        }
        at_ = end + 1;
        return out.substr(first, out.find_last_not_of(' ') - first + 1);
    }

    Result<TemplateNode> list() {
        AMBIT_TRY_ASSIGN(std::string text, name('}'));
        TemplateNode node;
        node.kind = Kind::List;
        node.is_end_of_word = at_ < text_.size() && text_[at_] == ' ';
        const std::size_t colon = text.find(':');
        if (colon == std::string::npos) {
            node.is_capture = text.front() == '@';
            node.text = node.is_capture ? text.substr(1) : text;
            node.slot = node.text;
        } else {
            node.text = text.substr(0, colon);
            node.slot = text.substr(colon + 1);
            node.is_capture = node.slot.starts_with('@');
            node.slot.erase(0, node.is_capture ? 1 : 0);
        }
        if (node.text.empty() || node.slot.empty()) {
            return error("a list needs a name");
        }
        return node;
    }

    Result<TemplateNode> rule() {
        AMBIT_TRY_ASSIGN(std::string text, name('>'));
        TemplateNode node;
        node.kind = Kind::Rule;
        node.text = std::move(text);
        return node;
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

}  // namespace

Result<TemplateNode> parse_template(std::string_view text) {
    if (text.size() > kTemplateBytesMax) {
        return Error{ErrorCode::SentenceTemplateInvalid,
                     "longer than " + std::to_string(kTemplateBytesMax) + " bytes"};
    }
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) {
        return Error{ErrorCode::SentenceTemplateInvalid, "empty"};
    }
    text = text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
    if (!is_utf8(text)) {
        return Error{ErrorCode::SentenceTemplateInvalid, "not UTF-8 text: " + printable(text, 80)};
    }
    return TemplateParser(text).parse();
}

bool has_template_syntax(std::string_view text) {
    return text.find_first_of("(){}<>[]|") != std::string_view::npos;
}

std::size_t text_count(const TemplateNode& node) {
    return std::accumulate(node.items.begin(), node.items.end(),
                           std::size_t{node.kind == Kind::Text ? 1U : 0U},
                           [](std::size_t sum, const TemplateNode& item) { return sum + text_count(item); });
}

}  // namespace ambit::language
