// Bridge: everything about one vehicle that needs no socket.
//
// A state machine: answers, values, commands and time in; calls and provider events out.  It asks for the
// list of signals, follows those it uses, reads them all again now and then, and says that a command is done
// once the current values show it.  Ownership: borrows its Line and ProviderEvents.  Threads: one, the
// loop's. Failure: one health item for the vehicle, whatever is wrong with it; every act() ends in exactly
// one on_result().  Spec: docs/spec/vehicle.md.
#pragma once

#include <set>

#include "capability/action.h"
#include "vehicle/signals.h"

namespace ambit::vehicle {

inline constexpr std::size_t kPendingMax = 64;
inline constexpr seconds kAnswerMax{10};
// Read all again this often: nothing that was lost stays so, and a silent databroker is noticed.
inline constexpr seconds kReadEvery{60};
inline constexpr milliseconds kPauseMin{1'000};
inline constexpr milliseconds kPauseMax{60'000};
inline constexpr milliseconds kPauseRefused{300'000};
// A databroker that floods is read this much a second, and the household is told this often.
inline constexpr unsigned kPartsPerSecond = 50;
inline constexpr seconds kTellEvery{1};

// How a call ended, as the databroker or gRPC says.
enum class Status : std::uint8_t {
    Ok,
    InvalidArgument,
    NotFound,
    PermissionDenied,
    Unauthenticated,
    Unavailable,
    Other
};

// What the bridge needs of a connection.  Numbers of calls are the bridge's, and never the same twice.
class Line {
  public:
    virtual ~Line() = default;
    // Connects anew; nothing is heard any more of calls from before.  An error is a setting that can't be
    // used.
    virtual Result<void> open() = 0;
    virtual void close() = 0;
    // Ends in one on_end(), at the latest after kAnswerMax; but a call of Method::Follow has no deadline.
    virtual void call(std::uint64_t number, Method method, Bytes request) = 0;
    // The next part of that call may come.
    virtual void more(std::uint64_t number) = 0;
};

class Bridge {
  public:
    Bridge(std::string source, std::string own_precondition, Line& line, capability::ProviderEvents& events);

    bool ready() const { return phase_ == Phase::Ready; }

    void start(Now now);
    // A part of an answer; more() follows once it is dealt with.
    void on_part(std::uint64_t number, ByteView bytes, Now now);
    void on_end(std::uint64_t number, Status status, const std::string& text, Now now);
    void act(const capability::Action& action, Now now);
    void cancel(const RequestId& request);
    std::optional<MonoTime> next_time() const;
    void on_time(Now now);

  private:
    enum class Phase : std::uint8_t { Closed, Listing, Following, Ready };

    struct Pending {
        Wanted wanted;
        MonoTime deadline;
        std::uint64_t call = 0;
        bool accepted = false;
        // "Unavailable" is said by a databroker whose car does not answer, and by a connection that breaks:
        // which it was shows when something is asked after it.
        std::uint64_t asked_after = 0;
    };

    std::uint64_t ask(Method method, Bytes request);
    void on_listed(ByteView bytes, Now now);
    void on_values(Readings fresh, Now now);
    void on_read(std::uint64_t number, ByteView bytes, Now now);
    void on_read_end(std::uint64_t number);
    void on_acted(const RequestId& request, Status status, const std::string& text, Now now);
    void read_all();
    void lose(Error error, bool refused, Now now);
    void tell(Now now, bool at_once);
    void confirm(Now now);
    void look_at_values(const Cabin& cabin);
    void finish(const RequestId& request, capability::Outcome outcome, ErrorCode code, std::string detail);
    void finish_all(const std::string& why);
    void say(bool well, Error error);
    void withdraw();

    std::string source_;
    std::string entity_;
    std::string own_precondition_;
    Line& line_;
    capability::ProviderEvents& events_;
    Phase phase_ = Phase::Closed;
    Mapping mapping_;
    Readings readings_;
    std::uint64_t last_call_ = 0;
    std::uint64_t list_call_ = 0;
    std::uint64_t follow_call_ = 0;
    std::set<std::uint64_t> reads_;
    std::map<RequestId, Pending> pending_;
    MonoTime give_up_at_{};  // listing, and until the first values
    MonoTime read_at_{};
    std::optional<MonoTime> retry_at_;
    milliseconds pause_ = kPauseMin;
    // Parts in this second, and whether the next waits for its end.
    MonoTime second_began_{};
    unsigned parts_ = 0;
    bool held_ = false;
    bool announced_ = false;
    std::string told_;
    bool told_available_ = false;
    std::optional<bool> told_moving_;
    MonoTime tell_at_{};  // not sooner
    bool untold_ = false;
    std::optional<Error> refused_;                // why the last command was
    std::optional<capability::HealthItem> said_;  // what stands
};

}  // namespace ambit::vehicle
