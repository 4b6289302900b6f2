#include "calendar/answer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <memory>

#include <expat.h>

namespace ambit::calendar {
namespace {

constexpr XML_Char kSeparator = ' ';  // between namespace and name; in neither of them

enum class Element : std::uint8_t {
    Other,
    Multistatus,
    Response,
    Propstat,
    Prop,
    Status,
    Href,
    Etag,
    SyncToken,
    ResourceType,
    Principal,
    Unauthenticated,
    IsCalendar,
    HomeSet,
    Components,
    Component,
    Data,
    Ctag,
};

struct Known {
    const char* name;
    Element element;
};

constexpr std::array kElements{
    Known{"DAV: multistatus", Element::Multistatus},
    Known{"DAV: response", Element::Response},
    Known{"DAV: propstat", Element::Propstat},
    Known{"DAV: prop", Element::Prop},
    Known{"DAV: status", Element::Status},
    Known{"DAV: href", Element::Href},
    Known{"DAV: getetag", Element::Etag},
    Known{"DAV: sync-token", Element::SyncToken},
    Known{"DAV: resourcetype", Element::ResourceType},
    Known{"DAV: current-user-principal", Element::Principal},
    Known{"DAV: unauthenticated", Element::Unauthenticated},
    Known{"urn:ietf:params:xml:ns:caldav calendar", Element::IsCalendar},
    Known{"urn:ietf:params:xml:ns:caldav calendar-home-set", Element::HomeSet},
    Known{"urn:ietf:params:xml:ns:caldav supported-calendar-component-set", Element::Components},
    Known{"urn:ietf:params:xml:ns:caldav comp", Element::Component},
    Known{"urn:ietf:params:xml:ns:caldav calendar-data", Element::Data},
    Known{"http://calendarserver.org/ns/ getctag", Element::Ctag},
};

// "HTTP/1.1 200 OK" -> 200; 0: not understood.
int status_in(std::string_view line) {
    const std::size_t space = line.find(' ');
    int status = 0;
    if (space != std::string_view::npos) {
        std::from_chars(line.data() + space + 1, line.data() + line.size(), status);
    }
    return status >= 100 && status <= 599 ? status : 0;
}

class AnswerReader {
  public:
    Result<Answer> read(std::string_view xml) {
        const std::unique_ptr<XML_ParserStruct, decltype(&XML_ParserFree)> parser(
            XML_ParserCreateNS(nullptr, kSeparator), XML_ParserFree);
        if (parser == nullptr) {
            return broken("no memory to read it");
        }
        parser_ = parser.get();
        XML_SetUserData(parser_, this);
        XML_SetElementHandler(
            parser_,
            [](void* self, const XML_Char* name, const XML_Char** attributes) {
                static_cast<AnswerReader*>(self)->begin(name, attributes);
            },
            [](void* self, const XML_Char* /*name*/) { static_cast<AnswerReader*>(self)->end(); });
        XML_SetCharacterDataHandler(parser_, [](void* self, const XML_Char* text, int length) {
            static_cast<AnswerReader*>(self)->text({text, static_cast<std::size_t>(length)});
        });
        XML_SetStartDoctypeDeclHandler(
            parser_, [](void* self, const XML_Char* /*name*/, const XML_Char* /*system*/,
                        const XML_Char* /*id*/, int /*internal*/) {
                static_cast<AnswerReader*>(self)->refuse("an answer with a document type");
            });
        const bool whole = XML_Parse(parser_, xml.data(), static_cast<int>(xml.size()), 1) == XML_STATUS_OK;
        if (!why_.empty()) {
            return broken(why_);
        }
        if (!whole) {
            return broken("line " + std::to_string(XML_GetCurrentLineNumber(parser_)) +
                          " is no XML: " + XML_ErrorString(XML_GetErrorCode(parser_)));
        }
        if (!understood_) {
            return broken("XML that is no answer of a calendar server");
        }
        return std::move(answer_);
    }

    static Error broken(std::string why) { return {ErrorCode::CalendarServerBroken, std::move(why)}; }

  private:
    void refuse(const char* why) {
        why_ = why;
        XML_StopParser(parser_, XML_FALSE);
    }

    Element parent(std::size_t above) const {
        return stack_.size() > above ? stack_[stack_.size() - 1 - above] : Element::Other;
    }

    void begin(const XML_Char* name, const XML_Char** attributes) {
        if (!why_.empty()) {
            return;
        }
        if (stack_.size() >= kDepthMax) {
            return refuse("an answer of more than 32 levels");
        }
        const auto* known = std::find_if(kElements.begin(), kElements.end(),
                                         [&](const Known& one) { return std::strcmp(one.name, name) == 0; });
        const Element element = known == kElements.end() ? Element::Other : known->element;
        const Element inside = parent(0);
        stack_.push_back(element);
        text_.clear();
        switch (element) {
            case Element::Multistatus:
                understood_ = understood_ || stack_.size() == 1;
                break;
            case Element::Response:
                if (answer_.found.size() >= kFoundMax) {
                    return refuse("an answer of more than 100,000 entries");
                }
                answer_.found.emplace_back();
                break;
            case Element::Propstat:
                good_ = {};
                good_status_ = 0;
                break;
            case Element::Unauthenticated:
                good_.nobody = good_.nobody || inside == Element::Principal;
                break;
            case Element::IsCalendar:
                good_.is_calendar = good_.is_calendar || inside == Element::ResourceType;
                break;
            case Element::Components:
                good_.names_components = true;
                break;
            case Element::Component:
                if (inside == Element::Components && is_event(attributes)) {
                    good_.has_events = true;
                }
                break;
            default:
                break;
        }
    }

    static bool is_event(const XML_Char** attributes) {
        for (; attributes[0] != nullptr; attributes += 2) {
            if (std::strcmp(attributes[0], "name") == 0 && std::strcmp(attributes[1], "VEVENT") == 0) {
                return true;
            }
        }
        return false;
    }

    void text(std::string_view more) {
        const Element element = parent(0);
        if (!why_.empty() || element == Element::Other) {
            return;
        }
        const bool is_data = element == Element::Data;
        if (text_.size() + more.size() > (is_data ? kResourceBytesMax : kWordBytesMax)) {
            if (!is_data) {
                return refuse("a name of more than 2 KiB");
            }
            good_.too_long = true;
            return;
        }
        text_ += more;
    }

    void end() {
        if (!why_.empty()) {
            return;
        }
        const Element element = parent(0);
        const Element inside = parent(1);
        stack_.pop_back();
        if (element == Element::Propstat && !answer_.found.empty()) {
            keep();
        } else if (inside == Element::Propstat && element == Element::Status) {
            good_status_ = status_in(text_);
        } else if (inside == Element::Response && !answer_.found.empty()) {
            end_of_response(element);
        } else if (inside == Element::Prop) {
            end_of_property(element);
        } else if (element == Element::Href && inside == Element::Principal) {
            good_.principal = text_;
        } else if (element == Element::Href && inside == Element::HomeSet && good_.homes.size() < kHomesMax) {
            good_.homes.push_back(text_);
        } else if (element == Element::SyncToken && inside == Element::Multistatus) {
            answer_.sync_token = text_;
        }
        text_.clear();
    }

    void end_of_response(Element element) {
        Found& last = answer_.found.back();
        if (element == Element::Href && last.href.empty()) {
            last.href = text_;
        } else if (element == Element::Status) {
            last.status = status_in(text_);
            // Not about a thing, but that not all of them are here.
            answer_.more = answer_.more || last.status == 507;
        }
    }

    void end_of_property(Element element) {
        if (element == Element::Etag) {
            good_.etag = text_;
        } else if (element == Element::Ctag) {
            good_.ctag = text_;
        } else if (element == Element::SyncToken) {
            good_.sync_token = text_;
        } else if (element == Element::Data) {
            good_.data = std::move(text_);
        }
    }

    // Properties count only where the server says that it has them.
    void keep() {
        if (good_status_ < 200 || good_status_ > 299) {
            return;
        }
        Found& last = answer_.found.back();
        const auto take = [](std::string& into, std::string& from) {
            if (!from.empty()) {
                into = std::move(from);
            }
        };
        take(last.etag, good_.etag);
        take(last.ctag, good_.ctag);
        take(last.sync_token, good_.sync_token);
        take(last.principal, good_.principal);
        last.is_calendar = last.is_calendar || good_.is_calendar;
        last.names_components = last.names_components || good_.names_components;
        last.has_events = last.has_events || good_.has_events;
        last.nobody = last.nobody || good_.nobody;
        last.too_long = last.too_long || good_.too_long;
        if (last.homes.empty()) {
            last.homes = std::move(good_.homes);
        }
        if (good_.data) {
            last.data = std::move(good_.data);
        }
    }

    XML_Parser parser_ = nullptr;
    std::vector<Element> stack_;
    std::string text_;
    Found good_;  // of the propstat that is being read
    int good_status_ = 0;
    bool understood_ = false;
    std::string why_;
    Answer answer_;
};

}  // namespace

Result<Answer> read_answer(std::string_view xml) {
    if (xml.size() > kAnswerBytesMax) {
        return AnswerReader::broken("an answer of more than 32 MiB");
    }
    // Each attribute has two of them, and costs the reader many times its length.
    const auto quotes = std::count_if(xml.begin(), xml.end(), [](char c) { return c == '"' || c == '\''; });
    if (static_cast<std::size_t>(quotes) > kQuotesMax) {
        return AnswerReader::broken("an answer of little but quotes");
    }
    return AnswerReader().read(xml);
}

}  // namespace ambit::calendar
