// Bridge: everything about one Home Assistant that needs no socket.
//
// A state machine: connection events, messages, commands and time in; messages and provider events out.
// It signs in, asks for the registries and all states, then follows what changes; when a registry changed it
// asks again, and goes on with what it knows until the last list is there.  Ownership: borrows its BridgeIo
// and ProviderEvents.  Threads: one, the loop's. Failure: one health item for the connection, whatever is
// wrong with it; every act() ends in exactly one on_result(). Spec: docs/spec/homeassistant.md.
#pragma once

#include <set>

#include "capability/action.h"
#include "homeassistant/commands.h"

namespace ambit::homeassistant {

inline constexpr std::size_t kPendingMax = 256;
inline constexpr seconds kSignInMax{10};
inline constexpr seconds kLoadMax{60};
// A connection that carries nothing may be dead: it is asked this often, and has this long to answer.
inline constexpr seconds kPingEvery{30};
inline constexpr seconds kPongMax{10};
// Registry changes come in bursts.
inline constexpr seconds kReloadAfter{2};
// After a list that made no sense.
inline constexpr seconds kAgainAfter{30};

// What the bridge needs of a connection.
class BridgeIo {
  public:
    virtual ~BridgeIo() = default;
    virtual void send(std::string text) = 0;
    // Ends the connection; it is made again after a pause, a long one when `refused`.
    virtual void close(const std::string& reason, bool refused) = 0;
};

class Bridge {
  public:
    Bridge(std::string source, std::string token, BridgeIo& io, capability::ProviderEvents& events);

    // Signed in, and all lists are there.
    bool ready() const { return phase_ == Phase::Ready; }

    void on_opened(MonoTime now);
    void on_text(std::string_view text, MonoTime now);
    void on_closed(const std::string& reason);
    void act(const capability::Action& action);
    void cancel(const RequestId& request);

    std::vector<capability::Survey> survey() const { return survey_of(source_, known_); }

    std::optional<MonoTime> next_time() const;
    void on_time(MonoTime now);

  private:
    enum class Phase : std::uint8_t { Closed, SigningIn, Loading, Ready };

    struct Pending {
        std::string entity_id;
        Wanted wanted;
        MonoTime deadline;
        std::int64_t call = 0;   // of the service that Home Assistant has not yet said it ran
        std::size_t called = 0;  // how many of its services were called
        bool accepted = false;   // Home Assistant says that all of them ran
    };

    struct Told {
        capability::Entity entity;
        std::string state;
        bool available = false;
    };

    void on(const Other&, MonoTime) {}

    void on(const AuthRequired&, MonoTime now);
    void on(const AuthOk&, MonoTime now);
    void on(const AuthInvalid&, MonoTime now);
    void on(const Pong& pong, MonoTime now);
    void on(Answer& answer, MonoTime now);
    void on(StateChanged& changed, MonoTime now);
    void on(const RegistryChanged&, MonoTime now);

    std::int64_t ask(const std::string& type, const std::string& rest_json, Wish wish);
    void load();
    void take(Answer& answer);
    void loaded(MonoTime now);
    // Tells the household what differs from what it was told.
    void tell_all();
    void tell(const std::string& entity_id);
    void tell_state(const std::string& entity_id, const State& state);
    void call_next(Pending& pending);
    void confirm(const std::string& entity_id);
    void on_called(const Answer& answer);
    void finish(const RequestId& request, capability::Outcome outcome, ErrorCode code, std::string detail);
    void unhealthy(Error error);
    void healthy();

    std::string source_;
    std::string token_;
    BridgeIo& io_;
    capability::ProviderEvents& events_;
    Phase phase_ = Phase::Closed;
    Known known_;
    Known incoming_;                    // becomes it when the last list is there
    std::optional<Error> wrong_;        // with what was loaded
    std::map<std::string, Told> told_;  // by entity id in Home Assistant
    std::int64_t last_id_ = 0;
    std::map<std::int64_t, Wish> wishes_;  // answers that are waited for while loading
    std::map<RequestId, Pending> pending_;
    std::optional<MonoTime> give_up_at_;  // signing in, loading, or a pong
    std::optional<MonoTime> reload_at_;
    MonoTime ping_at_{};
    bool failed_ = false;  // a health item says so
};

}  // namespace ambit::homeassistant
