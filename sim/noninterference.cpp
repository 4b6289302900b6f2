#include "sim/noninterference.h"

#include "crypto/hash.h"

namespace ambit::sim {
namespace {

View::Seen seen_of(MonoTime at, std::string what, ByteView bytes) {
    return {at, what + ", " + std::to_string(bytes.size()) + " bytes", crypto::hash("simulator/seen", bytes)};
}

}  // namespace

void View::on_arrived(const FrameSeen& frame) {
    last_ = frame.at;
    if (frame.from == machine_ || frame.to == machine_) {
        seen_.push_back(seen_of(frame.at, frame.from + " to " + frame.to, frame.frame));
    }
}

void View::on_invoked(Device& device, const capability::Invocation& invocation) {
    if (machine_.empty()) {
        seen_.push_back(
            seen_of(last_, device.name() + " for " + invocation.entity, invocation.input.value()));
    }
}

Trouble interference(const Script& script,
                     const std::map<std::string, std::string>& secrets,
                     const std::string& machine,
                     std::uint64_t seed) {
    Script other = script;
    for (Line& line : other.lines) {
        for (const auto& [secret, instead] : secrets) {
            if (const auto at = line.text.find(secret); at != std::string::npos) {
                line.text.replace(at, secret.size(), instead);
            }
        }
    }
    std::vector<std::vector<View::Seen>> views;
    for (const Script* one : {&script, static_cast<const Script*>(&other)}) {
        View view(machine);
        Stage stage(configurations().front(), seed);
        stage.set_extra([&](Household& household) { household.observe(view); });
        if (Trouble trouble = stage.perform(*one, true)) {
            return trouble;
        }
        views.push_back(view.seen());
    }
    for (std::size_t i = 0; i < std::min(views[0].size(), views[1].size()); ++i) {
        const View::Seen& a = views[0][i];
        const View::Seen& b = views[1][i];
        if (a.at != b.at || a.what != b.what || a.bytes != b.bytes) {
            return "message " + std::to_string(i) + " differs: " + a.what + "; " + b.what +
                   (a.at == b.at ? "" : "; at another time");
        }
    }
    return views[0].size() == views[1].size() && !views[0].empty()
               ? Trouble()
               : std::to_string(views[0].size()) + " and " + std::to_string(views[1].size()) + " messages";
}

}  // namespace ambit::sim
