// Fuzzes what a member of the household may write: any JSON or text as the value of facts that this device
// reads by itself, of things, devices, agents, lessons and what was told; the first byte of a line chooses
// which.
//
// However odd it is, this device goes on: it starts, answers and says why.
#include "node/agent_acts.h"
#include "node/phone_alone_testing.h"
#include "node/why_agents.h"

namespace {

using namespace ambit;

constexpr const char* kThing = "made-up/lamp";

struct Place {
    const char* subject;
    const char* attribute;
    bool fleeting;
};

constexpr Place kPlaces[] = {
    {"entity:made-up/lamp", "state", true},
    {"entity:made-up/lamp", "held_back", true},
    {"entity:made-up/lamp", "last_action", false},
    {"entity:made-up/fan", "last_action", false},
    {"request:0000000000000000000000000000000a", "asked", false},
    {"person:", "departure", true},
    {"person:", "departure_heard", false},
    {"device:", "announced:made-up/fan", false},
    {"device:", "rung:language.parse/other", false},
    {"device:", "version", true},
    {"device:", "battery_pct", true},
    {"device:", "area", false},
    {"area:kitchen", "floor", false},
    {"told:0a0b:7", "told", false},
    {"lesson:7", "lesson", false},
    {"lesson:7", "example", false},
    {"language:en", "import:user", false},
    {"language:en", "import:user/1", false},
};

void write(node::PhoneAlone& phone, const Place& place, const std::string& text) {
    node::Parts& parts = phone.node_->parts();
    std::string subject = place.subject;
    subject += subject == "person:" ? parts.person()->hex() : subject == "device:" ? parts.self.hex() : "";
    // As JSON, or after a full stop as text.
    const facts::Value value =
        text.starts_with('.') ? facts::Value(text.substr(1)) : facts::Value(facts::Json{text});
    facts::Draft draft;
    draft.key = {privacy::Household{}, subject, place.attribute};
    draft.value = value;
    draft.time = phone.now_.wall;
    if (place.fleeting) {
        (void)phone.node_->put_fleeting(draft.key, value, draft.time, std::chrono::minutes(1));
    } else {
        (void)parts.facts.put(draft, phone.now_);
    }
    phone.storage_.settle();
    phone.node_->settle();
    phone.now_.wall += seconds(1);
}

void read_all(node::PhoneAlone& phone) {
    for (const char* path :
         {"status", "doctor", "facts", "devices", "areas", "why", "language/lessons", "language"}) {
        AMBIT_CHECK(phone.ask("GET", path, "{}")->ended);
    }
    for (const char* said : {"turn on the lamp", "is the lamp on", "undo", "why is the lamp on"}) {
        (void)phone.ask("POST", "ask", "{\"text\":\"" + std::string(said) + "\"}");
    }
    const node::AgentActs acts(*phone.node_);
    (void)acts.last_step(kThing, "agent");
    (void)node::explain_not(
        phone.node_->parts(), "", [](const privacy::Label&) { return true; }, phone.now_);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    storage::MemoryStorage storage;
    node::PhoneAlone phone(storage);
    phone.found();
    AMBIT_CHECK(phone.start(true));
    phone.node_->on_available("made-up", true);
    phone.node_->on_entity({kThing, "made-up", "Lamp", "", "light", {}, {"light.set"}});
    const std::string text = to_text({data, size});
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        const Place& place = kPlaces[static_cast<unsigned char>(text[at]) % std::size(kPlaces)];
        write(phone, place, text.substr(at + 1, end - std::min(at + 1, end)));
        at = end + 1;
    }
    read_all(phone);
    AMBIT_CHECK(phone.start(false));
    read_all(phone);
    return 0;
}
