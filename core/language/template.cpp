#include "language/template.h"

#include <algorithm>
#include <numeric>

#include "language/text.h"

namespace ambit::language {
namespace {

using Kind = TemplateNode::Kind;

TemplateNode text_node(std::string text) {
    return {Kind::Text, std::move(text), {}, {}};
}

std::size_t node_count(const TemplateNode& node) {
    return std::accumulate(node.items.begin(), node.items.end(), std::size_t{1},
                           [](std::size_t sum, const TemplateNode& item) { return sum + node_count(item); });
}

class TemplateParser {
  public:
    explicit TemplateParser(std::string_view text) : text_(text) {}

    Result<TemplateNode> parse() {
        AMBIT_TRY_ASSIGN(TemplateNode root, group('\0', 0));
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
        if (separator == ';') {
            AMBIT_TRY_ASSIGN(TemplateNode orders, permutations(branches));
            branches.assign(1, std::move(orders));
        }
        if (branches.size() == 1 && closer != ']') {
            return std::move(branches.front());
        }
        TemplateNode node{Kind::Alternative, {}, {}, std::move(branches)};
        if (closer == ']') {
            node.items.emplace_back();
        }
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
                return literal();
        }
    }

    TemplateNode literal() {
        std::string out;
        for (; at_ < text_.size(); ++at_) {
            const char c = text_[at_];
            if (c == '\\' && at_ + 1 < text_.size()) {
                out.push_back(text_[++at_]);
                continue;
            }
            if (std::string_view("()[]{}<>|;").find(c) != std::string_view::npos) {
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
        if (text.front() == '@') {
            return TemplateNode{Kind::List, text.substr(1), {}, {}};
        }
        const std::size_t colon = text.find(':');
        if (colon == std::string::npos) {
            return TemplateNode{Kind::List, text, text, {}};
        }
        const std::string slot = text.substr(colon + 1);
        if (slot.empty() || colon == 0) {
            return error("a list needs a name on both sides of ':'");
        }
        return TemplateNode{Kind::List, text.substr(0, colon), slot.front() == '@' ? "" : slot, {}};
    }

    Result<TemplateNode> rule() {
        AMBIT_TRY_ASSIGN(std::string text, name('>'));
        return TemplateNode{Kind::Rule, std::move(text), {}, {}};
    }

    // Every order of the items, each with spaces around it.
    Result<TemplateNode> permutations(const std::vector<TemplateNode>& items) {
        if (items.size() > kPermutationItemsMax) {
            return error("more than " + std::to_string(kPermutationItemsMax) + " items in a permutation");
        }
        std::vector<std::size_t> order(items.size());
        std::iota(order.begin(), order.end(), 0);
        TemplateNode all{Kind::Alternative, {}, {}, {}};
        do {
            TemplateNode one;
            one.items.push_back(text_node(" "));
            for (const std::size_t index : order) {
                copies_ += node_count(items[index]);
                if (copies_ > kTemplateBytesMax) {
                    return error("too many permutations");
                }
                one.items.push_back(items[index]);
                one.items.push_back(text_node(" "));
            }
            all.items.push_back(std::move(one));
        } while (std::next_permutation(order.begin(), order.end()));
        return all;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::size_t copies_ = 0;
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
    return TemplateParser(text).parse();
}

}  // namespace ambit::language
