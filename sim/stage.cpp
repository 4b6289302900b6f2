#include "sim/stage.h"

#include <algorithm>

#include "sim/newer_wire.h"

namespace ambit::sim {
namespace {

constexpr milliseconds kThinkingTime{300};
constexpr seconds kCommandTime{5};
constexpr milliseconds kLookEvery{250};

bool runs_on_mains(const std::string& kind) {
    return kind != "phone" && kind != "watch" && kind != "tablet";
}

}  // namespace

const std::vector<Configuration>& configurations() {
    static const std::vector<Configuration> all = [] {
        std::vector<Configuration> made(6);
        made[1].name = "slow-disks";
        made[1].sync_time = milliseconds{40};
        made[1].patience = 4;
        made[2].name = "slow-network";
        made[2].latency = milliseconds{60};
        made[2].jitter = milliseconds{30};
        made[2].bytes_per_second = 60'000;
        made[2].patience = 6;
        made[3].name = "tiny-queues";
        made[3].buffer_bytes = 200;
        made[4].name = "no-extensions";
        made[4].extensions = false;
        made[5].name = "older-wire";
        made[5].mixed_versions = true;
        return made;
    }();
    return all;
}

class Stage::Confirmer final : public Observer {
  public:
    explicit Confirmer(Stage& stage) : stage_(stage) {}

    void on_event(Device& device) override {
        if (!stage_.people_confirm || device.node().parts().confirmations.pending().empty()) {
            return;
        }
        for (const request::Pending& pending : device.node().parts().confirmations.pending()) {
            if (!asked_.insert({device.name(), pending.ask.request}).second) {
                continue;
            }
            stage_.household_->world.after(
                kThinkingTime, [&device, id = pending.ask.request, life = device.life()] {
                    device.deliver([&device, id, life] {
                        if (device.life() == life) {
                            (void)device.node().actions().confirm(id, true, device.node().now());
                        }
                    });
                });
        }
    }

  private:
    Stage& stage_;
    std::set<std::pair<std::string, RequestId>> asked_;
};

Stage::Stage(const Configuration& configuration, std::uint64_t seed)
    : configuration_(configuration), seed_(seed), confirmer_(std::make_unique<Confirmer>(*this)) {}

Stage::~Stage() = default;

Trouble Stage::perform(const Script& script, bool strict) {
    for (const Line& line : script.lines) {
        if (narrator_) {
            narrator_(line.text);
        }
        if (const Trouble trouble = perform(line.text); trouble && strict) {
            return script.name + ":" + std::to_string(line.number) + ": " + *trouble;
        }
    }
    if (const Trouble trouble = settle()) {
        return script.name + ": at the end: " + *trouble;
    }
    return std::nullopt;
}

Trouble Stage::perform(const std::string& sentence) {
    const auto words = words_of(sentence);
    if (!words) {
        return words.error().detail;
    }
    for (const auto* list : {&acts(), &faults(), &expectations()}) {
        for (const Sentence& known : *list) {
            if (const auto blanks = match(known.pattern, *words)) {
                return known.perform(*this, *blanks);
            }
        }
    }
    return "\"" + sentence + "\" is no sentence; see sim/README.md";
}

Trouble Stage::add_shared(const std::string& name, const std::string& kind) {
    if (household_ == nullptr) {
        household_ = std::make_unique<Household>(
            seed_, name, kind,
            configuration_.mixed_versions ? Household::Dialects(NewerWire::dialect_of) : nullptr);
        household_->network.latency = configuration_.latency;
        household_->network.jitter = configuration_.jitter;
        household_->network.bytes_per_second = configuration_.bytes_per_second;
        household_->network.buffer_bytes = configuration_.buffer_bytes;
        invariants_ = all_invariants(*household_, records_, violations_);
        if (configuration_.mixed_versions) {
            invariants_.push_back(std::make_unique<NewerWire>(*household_, records_, violations_));
        }
        for (const auto& invariant : invariants_) {
            household_->observe(*invariant);
            if (auto* convergence = dynamic_cast<Convergence*>(invariant.get())) {
                convergence_ = convergence;
            }
        }
        household_->observe(*confirmer_);
        if (extra_) {
            extra_(*household_);
        }
    } else if (find(name) != nullptr) {
        return name + " is there already";
    } else {
        household_->add_shared(name, kind, runs_on_mains(kind));
    }
    household_->device(name).disk().sync_time = configuration_.sync_time;
    return std::nullopt;
}

Trouble Stage::add_personal(const std::string& name, const std::string& kind, const std::string& person) {
    if (household_ == nullptr) {
        return "the first device is a shared one: \"" + name + " is a hub\"";
    }
    if (find(name) != nullptr) {
        return name + " is there already";
    }
    Device& device = household_->add_personal(name, kind, person, runs_on_mains(kind));
    device.disk().sync_time = configuration_.sync_time;
    return std::nullopt;
}

Trouble Stage::write(Device& device,
                     const Audience& audience,
                     const facts::Key& key,
                     const std::string& value) {
    facts::Draft draft;
    draft.key = key;
    const std::string text = canary(records_.writes.size(), value);
    draft.value = text;
    draft.time = device.node().now().wall;
    const auto id = device.node().parts().facts.put(draft, device.node().now());
    if (!id) {
        return device.name() + " can't write: " + id.error().message();
    }
    records_.writes.push_back({.machine = device.name(),
                               .device = device.id(),
                               .life = device.life(),
                               .epoch = records_.epochs[device.name()],
                               .audience = audience,
                               .key = key,
                               .value = text,
                               .id = *id});
    device.wake();
    return std::nullopt;
}

Trouble Stage::command(Device& device,
                       const std::string& thing,
                       const std::string& capability,
                       const std::string& input) {
    if (household_->things.named(thing) == nullptr) {
        return thing + " is no thing";
    }
    node::Node& node = device.node();
    const Now now = node.now();
    const privacy::Label label{privacy::Audience(node.parts().home_audience()), privacy::Trust::Trusted};
    const request::Intent intent{.id = node.parts().random.id<RequestId>(),
                                 .capability = capability,
                                 .entity = household_->things.entity_of(thing),
                                 .input = privacy::Labelled<Bytes>(to_bytes(input), label),
                                 .person = node.parts().person(),
                                 .deadline = now.mono + kCommandTime,
                                 .command = true};
    const std::size_t index = records_.commands.size();
    records_.commands.push_back(
        {intent.id, device.name(), thing, capability == "garage.pulse", std::nullopt});
    node.actions().invoke(
        intent,
        [this, index](const request::RequestResult& result, Now) {
            records_.commands[index].told = Told{result.outcome, result.error, result.acted_by};
        },
        {}, now);
    device.wake();
    return std::nullopt;
}

Trouble Stage::say(Device& device, const std::string& text) {
    Household::teach(device);
    const auto owner = household_->owner_of(device.id());
    records_.phrases[text] =
        owner ? Audience{Audience::Kind::Person, {}, *owner} : Audience{Audience::Kind::Household, {}, ""};
    const std::size_t index = records_.commands.size();
    node::Node& node = device.node();
    node.conversation().ask(
        text, kCommandTime,
        [this, index](const node::AskResult& asked) {
            for (const node::Answer& answer : asked.answers) {
                if (answer.request && index < records_.commands.size()) {
                    using State = node::Answer::State;
                    Told told{request::Outcome::Unknown, answer.error.value_or(Error{}), std::nullopt};
                    if (answer.state == State::Done || answer.state == State::NotDone) {
                        told.outcome =
                            answer.state == State::Done ? request::Outcome::Done : request::Outcome::NotDone;
                    }
                    if (const auto* by = household_->find(answer.done_by)) {
                        told.acted_by = by->id();
                    }
                    Command& command = records_.commands[index];
                    command.request = *answer.request;
                    command.thing = answer.entity.substr(answer.entity.find('/') + 1);
                    command.told = told;
                }
            }
        },
        node.now());
    records_.commands.push_back({{}, device.name(), "", false, std::nullopt});
    device.wake();
    return std::nullopt;
}

Result<Told> Stage::answer() {
    if (records_.commands.empty()) {
        return Error{ErrorCode::NoSuchThing, "nobody asked for anything"};
    }
    const Command& last = records_.commands.back();
    household_->run_until([&] { return last.told.has_value(); }, kCommandTime * 8);
    if (!last.told) {
        return Error{ErrorCode::NoSuchThing, "no answer came"};
    }
    return *last.told;
}

Trouble Stage::wait_until(microseconds within, const std::function<bool()>& done, const std::string& what) {
    const auto patience = std::chrono::duration_cast<milliseconds>(within * configuration_.patience);
    if (household_->run_until(done, patience)) {
        return std::nullopt;
    }
    return what + " (waited " + time_text(within * configuration_.patience) + ")";
}

void Stage::make_well() {
    household_->network.heal_all();
    household_->things.answers = true;
    for (const auto& [name, device] : household_->devices()) {
        Disk& disk = device->disk();
        disk.bytes_max.reset();
        disk.fails_reads = disk.lies_about_syncs = false;
        disk.sync_time = configuration_.sync_time;
        disk.lose_power_at(0, nullptr);
        device->set_skew(microseconds{0});
        device->thaw();
        // A store that failed is read-only until its daemon starts again.
        const bool failed = device->running() && device->node().parts().health.items().contains("store");
        if (failed) {
            device->stop();
        }
        if (!device->running() && !device->is_retired()) {
            device->start();
        }
    }
}

bool Stage::is_well() {
    return convergence_->difference().empty();
}

Trouble Stage::settle() {
    if (household_ == nullptr) {
        return "there is no device";
    }
    World& world = household_->world;
    const MonoTime until = world.now().mono + kAgreementMax;
    do {
        make_well();
        world.run_for(kLookEvery);
    } while (world.now().mono < until && !is_well());
    // What was under way at that moment, such as commands.
    world.run_for(kCommandTime + seconds{1});
    for (const auto& invariant : invariants_) {
        invariant->at_quiescence();
    }
    if (violations_.count() == 0) {
        return std::nullopt;
    }
    const Violation& first = violations_.all().front();
    return "violates " + first.invariant + ": " + first.what;
}

}  // namespace ambit::sim
