#include "ambit/context.h"

#include <istream>
#include <ostream>

#include <nlohmann/json.hpp>

#include "api/api.h"
#include "base/text.h"
#include "http/unix_client.h"

namespace ambit::cli {
namespace {

// The daemon's own deadline comes first, so that its answer says what is late.
constexpr milliseconds kGrace{2000};

milliseconds limit_of(double timeout_s) {
    return milliseconds(static_cast<std::int64_t>(timeout_s * 1000)) + kGrace;
}

}  // namespace

Result<Paths> Context::paths() const {
    return paths_for(instance);
}

Result<Json> Context::ask(const std::string& method, const std::string& path, const std::string& body) const {
    AMBIT_TRY_ASSIGN(const Paths where, paths());
    AMBIT_TRY_ASSIGN(const http::Answer answer,
                     http::UnixClient(where.socket)
                         .request({method, std::string(api::kRoot) + path, body, limit_of(timeout_s)}));
    AMBIT_TRY_ASSIGN(Json parsed, parse_answer(answer.json));
    if (answer.status >= 400) {
        return error_of(parsed);
    }
    return parsed;
}

Result<Json> Context::get(const std::string& path) const {
    return ask("GET", path, "");
}

Result<Json> Context::post(const std::string& path, const Json& body) const {
    return ask("POST", path, dumped(body));
}

Result<Json> Context::remove(const std::string& path) const {
    return ask("DELETE", path, "");
}

Result<void> Context::stream(const std::string& method,
                             const std::string& path,
                             const Json& body,
                             const OnEvent& on_event) const {
    AMBIT_TRY_ASSIGN(const Paths where, paths());
    Result<void> outcome;
    const http::Ask request{method, std::string(api::kRoot) + path, body.is_null() ? "" : dumped(body),
                            limit_of(timeout_s)};
    const auto on_raw_event = [&](std::string_view name, std::string_view text) {
        const auto data = parse_answer(text);
        if (!data) {
            outcome = data.error();
            return false;
        }
        if (json) {
            Json line = {{"v", 1}, {"event", name}};
            line.update(*data);
            streams_.out << dumped(line) << std::endl;
        }
        outcome = name == "failed" ? Result<void>(error_of(*data)) : on_event(std::string(name), *data);
        return outcome.has_value();
    };
    AMBIT_TRY_ASSIGN(const http::Answer answer, http::UnixClient(where.socket).stream(request, on_raw_event));
    if (answer.status >= 400) {
        AMBIT_TRY_ASSIGN(const Json error, parse_answer(answer.json));
        return error_of(error);
    }
    return outcome;
}

void Context::show(const Json& answer, Render render) const {
    streams_.out << (json ? dumped(answer) + "\n" : render(answer, look_));
}

Result<void> Context::get_and_show(const std::string& path, Render render) const {
    AMBIT_TRY_ASSIGN(const Json answer, get(path));
    show(answer, render);
    return {};
}

Result<void> Context::post_and_show(const std::string& path, const Json& body, Render render) const {
    AMBIT_TRY_ASSIGN(const Json answer, post(path, body));
    show(answer, render);
    return {};
}

void Context::print(const std::string& text) const {
    if (!json) {
        streams_.out << text << std::flush;
    }
}

void Context::put(const std::string& line) const {
    streams_.out << line;
}

void Context::note(const std::string& text) const {
    if (!quiet) {
        streams_.err << text << std::flush;
    }
}

Result<std::string> Context::ask_person(const std::string& prompt) const {
    if (!has_person()) {
        return Error{ErrorCode::Declined, "nobody is at this terminal to answer: " + prompt};
    }
    streams_.err << prompt << std::flush;
    return read_line();
}

Result<std::string> Context::read_line() const {
    std::string line;
    if (!std::getline(streams_.in, line)) {
        return Error{ErrorCode::Declined, "the input ended"};
    }
    return line;
}

void Context::finish(const Result<void>& result) {
    if (result) {
        return;
    }
    const ErrorCode code = result.error().code;
    exit_code = code == ErrorCode::NotRunning ? kNotRunning : code == ErrorCode::Usage ? kUsage : kFailed;
    if (json) {
        Json answer = {{"v", 1}};
        answer.update(typed_value(api::error_json(result.error())));
        streams_.out << dumped(answer) << "\n";
        return;
    }
    std::string next(describe(code).next_step);
    if (instance != "default") {  // the commands it names are for this instance
        for (std::size_t at = next.find("`ambit "); at != std::string::npos;
             at = next.find("`ambit ", at + 7)) {
            next.insert(at + 7, "--instance " + instance + " ");
        }
    }
    std::string what = "E" + std::to_string(static_cast<int>(code)) + " " + std::string(describe(code).text);
    what += (result.error().detail.empty() ? "" : ": " + for_terminal(result.error().detail));
    if (what.back() != '.') {
        what += '.';
    }
    streams_.err << red(look_, "✗ ") << what << "  " << next << "\n";
}

}  // namespace ambit::cli
