#include <nlohmann/json.hpp>

#include "api/api.h"

namespace ambit::api {
namespace {

// Counts while the parser reads, and stops it at a limit; builds nothing.
class LimitCheck final : public nlohmann::json_sax<nlohmann::json> {
  public:
    explicit LimitCheck(const JsonLimits& limits) : limits_(limits) {}

    bool null() override { return count(); }

    bool boolean(bool /*value*/) override { return count(); }

    bool number_integer(number_integer_t /*value*/) override { return count(); }

    bool number_unsigned(number_unsigned_t /*value*/) override { return count(); }

    bool number_float(number_float_t /*value*/, const string_t& /*text*/) override { return count(); }

    bool string(string_t& /*value*/) override { return count(); }

    bool binary(binary_t& /*value*/) override { return false; }

    bool key(string_t& /*value*/) override { return true; }

    bool start_object(std::size_t /*size*/) override { return enter(); }

    bool start_array(std::size_t /*size*/) override { return enter(); }

    bool end_object() override { return leave(); }

    bool end_array() override { return leave(); }

    bool parse_error(std::size_t position,
                     const std::string& /*token*/,
                     const nlohmann::json::exception& /*why*/) override {
        error_ = {ErrorCode::BadRequest, "not JSON at byte " + std::to_string(position)};
        return false;
    }

    const Error& error() const { return error_; }

  private:
    bool count() {
        if (++values_ <= limits_.values_max) {
            return true;
        }
        error_ = {ErrorCode::LimitExceeded,
                  "JSON of more than " + std::to_string(limits_.values_max) + " values"};
        return false;
    }

    bool enter() {
        if (++depth_ <= limits_.depth_max) {
            return count();
        }
        error_ = {ErrorCode::LimitExceeded,
                  "JSON deeper than " + std::to_string(limits_.depth_max) + " levels"};
        return false;
    }

    bool leave() {
        --depth_;
        return true;
    }

    const JsonLimits& limits_;
    std::size_t depth_ = 0;
    std::size_t values_ = 0;
    Error error_{ErrorCode::BadRequest, "not JSON"};
};

}  // namespace

Result<void> check_json(std::string_view text, const JsonLimits& limits) {
    if (text.size() > limits.bytes_max) {
        return Error{ErrorCode::LimitExceeded,
                     "JSON of more than " + std::to_string(limits.bytes_max) + " bytes"};
    }
    LimitCheck check(limits);
    if (!nlohmann::json::sax_parse(text.begin(), text.end(), &check)) {
        return check.error();
    }
    return {};
}

}  // namespace ambit::api
