// Dashboard: the household's own states and buttons, for the screens of other systems (capability/screen.h).
//
// Which devices are there and how they are, what was done last and the button that takes it back, what
// people's rules let the whole household know, and a car's cabin, which no other system has.  Nothing but
// what the household may read; each text leaves through an Outlet, and what is asked there is the household's
// word, nobody's in particular.  Ownership: the daemon owns it; borrows Node and the screen.  Threads: the
// loop's.  Use: tick() at next_deadline() and after events.  Failure: none of its own; what can't be done is
// said where the last action is shown.  Spec: docs/spec/mqtt.md, "What Ambit announces itself".
#pragma once

#include <set>

#include "capability/screen.h"
#include "node/outlet.h"

namespace ambit::node {

class Dashboard final : public Watcher, public capability::ScreenEvents {
  public:
    // However fast things change, so seldom they are told.
    static constexpr milliseconds kEvery{500};
    // What goes without a word, such as what was not said again.
    static constexpr seconds kLookAgain{60};
    static constexpr milliseconds kAskTimeout{10'000};
    static constexpr std::size_t kThingsMax = 64;
    static constexpr std::size_t kRememberedMax = 256;
    static constexpr std::size_t kUnderWayMax = 8;

    explicit Dashboard(Node& node);
    ~Dashboard() override;
    Dashboard(const Dashboard&) = delete;
    Dashboard& operator=(const Dashboard&) = delete;

    // null: it is gone.
    void set_screen(capability::Screen* screen);
    void tick(Now now);
    MonoTime next_deadline() const;

    // capability::ScreenEvents
    void on_screen_ready() override;
    bool on_screen_left(const std::string& id) override;
    void on_screen_asked(const std::string& id, const std::string& input_json) override;
    // Watcher
    void on_fact(const facts::LabelledFact& fact, bool gone) override;
    void on_peer(const DeviceId& peer, bool up) override;
    void on_health(const capability::HealthItem& item) override;

    void on_pending_changed() override {}

    void on_roster_changed() override;

  private:
    using All = std::map<std::string, capability::Shown>;

    struct LastAction {
        facts::Hlc order;
        std::string request;  // hex
        std::string text;
    };

    All all(Now now);
    void add_devices(All& all, Now now) const;
    void add_household(All& all) const;
    void add_people(All& all, Now now) const;
    void add_things(All& all, Now now) const;
    capability::Shown::Of of_household() const;
    capability::Shown::Of of_device(const identity::Device& device, Now now) const;
    // Shown, though not known any more, for as long as whose it is belongs to the household: who uses it
    // there keeps it.
    void add_remembered(All& all);
    void remember(const capability::Shown& shown);
    void find_things();
    void take_action(const facts::Fact& fact);
    void ask(const std::string& entity, const std::string& input_json);
    void undo();
    Conversation::OnAnswered answered();

    Node& node_;
    capability::Screen* screen_ = nullptr;
    std::shared_ptr<Outlet> outlet_;             // of this screen
    std::map<std::string, std::string> told_;    // by id
    All remembered_;                             // by id
    std::map<std::string, std::string> things_;  // entities by id on the screen
    std::set<std::string> subjects_;             // of the things
    LastAction last_;
    std::string refusal_;  // why the last press did nothing; until something is done
    std::size_t under_way_ = 0;
    bool ready_ = false;
    bool things_are_old_ = true;
    bool dirty_ = true;
    MonoTime next_{};
    MonoTime look_again_{};
    std::shared_ptr<int> life_ = std::make_shared<int>();
};

}  // namespace ambit::node
