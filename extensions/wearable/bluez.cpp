#include "wearable/bluez.h"

#if AMBIT_HAS_DBUS

#include <array>
#include <atomic>
#include <cstdlib>
#include <thread>

#include <dbus/dbus.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "wearable/bluez_objects.h"

namespace ambit::wearable {
namespace {

constexpr const char* kBluez = "org.bluez";
constexpr const char* kAdapter = "org.bluez.Adapter1";
constexpr const char* kDevice = "org.bluez.Device1";
constexpr const char* kCharacteristic = "org.bluez.GattCharacteristic1";
constexpr const char* kProperties = "org.freedesktop.DBus.Properties";
constexpr const char* kObjectManager = "org.freedesktop.DBus.ObjectManager";
constexpr const char* kMatches[] = {
    "type='signal',sender='org.bluez',interface='org.freedesktop.DBus.ObjectManager'",
    "type='signal',sender='org.bluez',interface='org.freedesktop.DBus.Properties'",
    "type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged',arg0='org.bluez'"};
constexpr long kMessageBytesMax = 4L * 1024 * 1024;
constexpr seconds kRetryAfter{5};  // a D-Bus that is missing, or a step that did not help
constexpr seconds kLookEvery{10};  // what BlueZ has, in case a signal was missed
constexpr milliseconds kLookAgain{100};
constexpr seconds kAnswerWithin{10};
constexpr milliseconds kGreetAgain{50};
constexpr const char* kSystemBus = "unix:path=/var/run/dbus/system_bus_socket";

using Clock = std::chrono::steady_clock;

struct Unref {
    void operator()(DBusMessage* message) const { dbus_message_unref(message); }

    void operator()(DBusConnection* connection) const {
        dbus_connection_close(connection);
        dbus_connection_unref(connection);
    }
};

using Message = std::unique_ptr<DBusMessage, Unref>;
using Connection = std::unique_ptr<DBusConnection, Unref>;

// The text, path or signature at `iter`; "" if it is something else.
std::string text_at(DBusMessageIter* iter) {
    const int type = dbus_message_iter_get_arg_type(iter);
    if (type != DBUS_TYPE_STRING && type != DBUS_TYPE_OBJECT_PATH) {
        return "";
    }
    const char* text = nullptr;
    dbus_message_iter_get_basic(iter, static_cast<void*>(&text));
    return text;
}

bool flag_at(DBusMessageIter* iter) {
    dbus_bool_t flag = FALSE;
    if (dbus_message_iter_get_arg_type(iter) == DBUS_TYPE_BOOLEAN) {
        dbus_message_iter_get_basic(iter, static_cast<void*>(&flag));
    }
    return flag == TRUE;
}

// Calls `each(key, value)` for the entries of a dictionary; a value that is a variant is opened.
template <typename Each>
void for_each_entry(DBusMessageIter* dictionary, const Each& each) {
    if (dbus_message_iter_get_arg_type(dictionary) != DBUS_TYPE_ARRAY) {
        return;
    }
    DBusMessageIter entries;
    dbus_message_iter_recurse(dictionary, &entries);
    for (; dbus_message_iter_get_arg_type(&entries) == DBUS_TYPE_DICT_ENTRY;
         dbus_message_iter_next(&entries)) {
        DBusMessageIter pair;
        dbus_message_iter_recurse(&entries, &pair);
        const std::string key = text_at(&pair);
        dbus_message_iter_next(&pair);
        DBusMessageIter value = pair;
        if (dbus_message_iter_get_arg_type(&pair) == DBUS_TYPE_VARIANT) {
            dbus_message_iter_recurse(&pair, &value);
        }
        each(key, &value);
    }
}

void read_property(const std::string& interface,
                   const std::string& name,
                   DBusMessageIter* value,
                   BluezObject& into) {
    if (interface == kAdapter && name == "Powered") {
        into.powered = flag_at(value);
    } else if (interface == kAdapter && name == "Discovering") {
        into.discovering = flag_at(value);
    } else if (interface == kDevice && name == "Address") {
        into.address = text_at(value);
    } else if (interface == kDevice && name == "Connected") {
        into.connected = flag_at(value);
    } else if (interface == kDevice && name == "ServicesResolved") {
        into.resolved = flag_at(value);
    } else if (interface == kCharacteristic && name == "UUID") {
        into.uuid = text_at(value);
    } else if (interface == kCharacteristic && name == "Notifying") {
        into.notifying = flag_at(value);
    }
}

// The answer to GetManagedObjects.
BluezObjects objects_in(DBusMessage* reply) {
    BluezObjects objects;
    DBusMessageIter top;
    dbus_message_iter_init(reply, &top);
    for_each_entry(&top, [&](const std::string& path, DBusMessageIter* interfaces) {
        if (objects.size() >= kBluezObjectsMax) {
            return;
        }
        BluezObject& object = objects[path];
        for_each_entry(interfaces, [&](const std::string& interface, DBusMessageIter* properties) {
            object.adapter = object.adapter || interface == kAdapter;
            for_each_entry(properties, [&](const std::string& name, DBusMessageIter* value) {
                read_property(interface, name, value, object);
            });
        });
    });
    return objects;
}

// The new value of a characteristic, if that is what the signal PropertiesChanged tells.
std::optional<Bytes> value_in(DBusMessage* signal) {
    std::optional<Bytes> found;
    DBusMessageIter arguments;
    dbus_message_iter_init(signal, &arguments);
    if (text_at(&arguments) != kCharacteristic) {
        return found;
    }
    dbus_message_iter_next(&arguments);
    for_each_entry(&arguments, [&](const std::string& name, DBusMessageIter* value) {
        if (name == "Value" && dbus_message_iter_get_arg_type(value) == DBUS_TYPE_ARRAY &&
            dbus_message_iter_get_element_type(value) == DBUS_TYPE_BYTE) {
            DBusMessageIter bytes;
            dbus_message_iter_recurse(value, &bytes);
            const std::uint8_t* data = nullptr;
            int count = 0;
            dbus_message_iter_get_fixed_array(&bytes, static_cast<void*>(&data), &count);
            found = Bytes(data, data + count);
        }
    });
    return found;
}

// Everything that talks to D-Bus, on one thread of its own.  It never waits for an answer without hearing the
// bell.
class Worker {
  public:
    // Called on that thread.
    struct Tell {
        std::function<void(HeartMeasurement)> measurement;
        std::function<void(Result<void>)> state;
    };

    Worker(std::string address, Tell tell)
        : address_(std::move(address)),
          tell_(std::move(tell)),
          bell_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
        AMBIT_CHECK(bell_ >= 0);
        thread_ = std::thread([this] { run(); });
    }

    ~Worker() {
        stopping_ = true;
        (void)eventfd_write(bell_, 1);
        thread_.join();
        close(bell_);
    }

    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

  private:
    void run();
    void connect();
    void disconnect(const std::string& why);
    void ask(const Message& question);
    void look();
    void wait();
    void take_messages();
    void on_answer(DBusMessage* reply);
    void on_objects(DBusMessage* reply);
    void on_signal(DBusMessage* signal);
    void act(const BluezNext& next);
    void discover(const std::string& adapter);
    void call(const std::string& path, const char* interface, const char* method);
    dbus_uint32_t send(const Message& message);
    void report(const Result<void>& state);

    struct Question {
        dbus_uint32_t serial = 0;
        Clock::time_point until;
    };

    // Is it time for that step (again)?
    bool may_step() {
        const bool may = Clock::now() >= step_again_;
        step_again_ = may ? Clock::now() + kRetryAfter : step_again_;
        return may;
    }

    const std::string address_;
    const Tell tell_;
    const int bell_;
    std::atomic<bool> stopping_ = false;
    // The rest belongs to the thread.
    Connection connection_;
    std::string bluez_;      // the connection that BlueZ has; "": none is known
    std::string listening_;  // path
    std::string discovers_;  // path of the adapter that looks for the sensor, as it was told
    bool greeted_ = false;   // by the bus, which answers nothing else before that
    std::optional<Question> asked_;
    Clock::time_point look_at_{};
    Clock::time_point step_again_{};
    BluezStep stepped_ = BluezStep::NoBluetooth;
    std::string reported_;
    std::thread thread_;
};

void Worker::run() {
    while (!stopping_) {
        if (!connection_ && Clock::now() >= look_at_) {
            connect();
        }
        if (connection_ && asked_ && Clock::now() >= asked_->until) {
            disconnect(greeted_ ? "BlueZ does not answer" : "D-Bus does not answer");
        }
        if (connection_) {
            look();
        }
        wait();
        if (connection_) {
            take_messages();
        }
    }
    connection_.reset();
}

void Worker::report(const Result<void>& state) {
    const std::string text = state ? "ok" : state.error().message();
    if (text != reported_) {
        reported_ = text;
        tell_.state(state);
    }
}

// What the library does by itself for this would wait for the bus.
void Worker::connect() {
    DBusError error;
    dbus_error_init(&error);
    const char* address = std::getenv("DBUS_SYSTEM_BUS_ADDRESS");
    connection_.reset(dbus_connection_open_private(address == nullptr ? kSystemBus : address, &error));
    if (!connection_) {
        disconnect(error.message == nullptr ? "no D-Bus" : error.message);
        dbus_error_free(&error);
        return;
    }
    dbus_connection_set_max_message_size(connection_.get(), kMessageBytesMax);
    ask(Message(
        dbus_message_new_method_call(DBUS_SERVICE_DBUS, DBUS_PATH_DBUS, DBUS_INTERFACE_DBUS, "Hello")));
}

void Worker::disconnect(const std::string& why) {
    connection_.reset();
    greeted_ = false;
    asked_.reset();
    bluez_.clear();
    listening_.clear();
    discovers_.clear();
    look_at_ = Clock::now() + kRetryAfter;
    report(Error{ErrorCode::WearableNoBluetooth, why});
}

void Worker::ask(const Message& question) {
    asked_ = Question{send(question), Clock::now() + kAnswerWithin};
}

void Worker::look() {
    if (asked_ || Clock::now() < look_at_) {
        return;
    }
    look_at_ = Clock::now() + kLookEvery;
    ask(Message(dbus_message_new_method_call(kBluez, "/", kObjectManager, "GetManagedObjects")));
}

void Worker::wait() {
    std::array<pollfd, 2> files{{{bell_, POLLIN, 0}, {-1, POLLIN, 0}}};
    auto until = asked_ ? asked_->until : look_at_;
    if (connection_) {
        dbus_connection_get_unix_fd(connection_.get(), &files[1].fd);
        // Until it knows who asks it takes no messages, and that one is waiting says nothing.
        if (dbus_connection_get_is_authenticated(connection_.get()) == FALSE) {
            until = std::min(until, Clock::now() + kGreetAgain);
        } else if (dbus_connection_has_messages_to_send(connection_.get()) == TRUE) {
            files[1].events |= POLLOUT;
        }
        if (dbus_connection_get_dispatch_status(connection_.get()) == DBUS_DISPATCH_DATA_REMAINS) {
            return;
        }
    }
    const auto left = std::chrono::ceil<milliseconds>(until - Clock::now());
    (void)poll(files.data(), files.size(), static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
}

void Worker::take_messages() {
    if (dbus_connection_read_write(connection_.get(), 0) == FALSE ||
        dbus_connection_get_is_connected(connection_.get()) == FALSE) {
        return disconnect("D-Bus is gone");
    }
    while (const Message message{dbus_connection_pop_message(connection_.get())}) {
        const int type = dbus_message_get_type(message.get());
        if (type == DBUS_MESSAGE_TYPE_SIGNAL) {
            on_signal(message.get());
        } else if (asked_ && dbus_message_get_reply_serial(message.get()) == asked_->serial) {
            asked_.reset();
            on_answer(message.get());
        }
    }
}

void Worker::on_answer(DBusMessage* reply) {
    if (std::exchange(greeted_, true)) {
        return on_objects(reply);
    }
    for (const char* match : kMatches) {
        dbus_bus_add_match(connection_.get(), match, nullptr);
    }
    look_at_ = Clock::now();
}

void Worker::on_objects(DBusMessage* reply) {
    if (dbus_message_get_type(reply) != DBUS_MESSAGE_TYPE_METHOD_RETURN ||
        dbus_message_has_signature(reply, "a{oa{sa{sv}}}") == FALSE) {
        bluez_.clear();
        listening_.clear();
        discovers_.clear();
        return report(Error{ErrorCode::WearableNoBluetooth, "BlueZ is not running"});
    }
    const char* sender = dbus_message_get_sender(reply);
    bluez_ = sender == nullptr ? "" : sender;
    act(next_step(objects_in(reply), address_));
}

void Worker::on_signal(DBusMessage* signal) {
    const char* sender = dbus_message_get_sender(signal);
    const char* path = dbus_message_get_path(signal);
    const bool of_bus = dbus_message_is_signal(signal, DBUS_INTERFACE_DBUS, "NameOwnerChanged") == TRUE;
    // Anybody on the bus can send a signal to this connection alone.
    if (sender == nullptr || path == nullptr || (!of_bus && sender != bluez_)) {
        return;
    }
    const bool changed = dbus_message_is_signal(signal, kProperties, "PropertiesChanged") == TRUE &&
                         dbus_message_has_signature(signal, "sa{sv}as") == TRUE;
    const auto value = changed ? value_in(signal) : std::nullopt;
    if (!value) {
        look_at_ = std::min(look_at_, Clock::now() + kLookAgain);
    } else if (path == listening_) {
        if (auto measurement = parse_measurement(*value)) {
            tell_.measurement(std::move(*measurement));
        }
    }
}

void Worker::act(const BluezNext& next) {
    const auto lost = [&](const char* why) { report(Error{ErrorCode::WearableLost, why}); };
    if (next.step != stepped_) {
        stepped_ = next.step;
        step_again_ = {};
    }
    const bool looks = next.step == BluezStep::Discover || next.step == BluezStep::Discovering;
    if (!looks && !discovers_.empty()) {
        call(std::exchange(discovers_, {}), kAdapter, "StopDiscovery");
    }
    const bool heard = next.step == BluezStep::Notify || next.step == BluezStep::Listening;
    listening_ = heard ? next.path : "";
    switch (next.step) {
        case BluezStep::NoBluetooth:
            return report(Error{ErrorCode::WearableNoBluetooth, "no adapter that is on"});
        case BluezStep::Discover:
            if (may_step()) {
                discover(next.path);
            }
            return lost("it has not been seen yet");
        case BluezStep::Discovering:
            return lost("it has not been seen yet");
        case BluezStep::Connect:
            if (may_step()) {
                call(next.path, kDevice, "Connect");
            }
            return lost("it is not connected");
        case BluezStep::WaitServices:
            return lost("what it can do is not known yet");
        case BluezStep::NoHeartRate:
            return lost("it is none: it has no heart rate");
        case BluezStep::Notify:
            if (may_step()) {
                call(next.path, kCharacteristic, "StartNotify");
            }
            return;
        case BluezStep::Listening:
            return report({});
    }
}

void Worker::discover(const std::string& adapter) {
    const Message filter(
        dbus_message_new_method_call(kBluez, adapter.c_str(), kAdapter, "SetDiscoveryFilter"));
    AMBIT_CHECK(filter != nullptr);
    DBusMessageIter top;
    DBusMessageIter dictionary;
    DBusMessageIter entry;
    DBusMessageIter variant;
    const char* key = "Transport";
    const char* value = "le";
    dbus_message_iter_init_append(filter.get(), &top);
    dbus_message_iter_open_container(&top, DBUS_TYPE_ARRAY, "{sv}", &dictionary);
    dbus_message_iter_open_container(&dictionary, DBUS_TYPE_DICT_ENTRY, nullptr, &entry);
    dbus_message_iter_append_basic(&entry, DBUS_TYPE_STRING, static_cast<void*>(&key));
    dbus_message_iter_open_container(&entry, DBUS_TYPE_VARIANT, "s", &variant);
    dbus_message_iter_append_basic(&variant, DBUS_TYPE_STRING, static_cast<void*>(&value));
    dbus_message_iter_close_container(&entry, &variant);
    dbus_message_iter_close_container(&dictionary, &entry);
    dbus_message_iter_close_container(&top, &dictionary);
    send(filter);
    call(adapter, kAdapter, "StartDiscovery");
    discovers_ = adapter;
}

void Worker::call(const std::string& path, const char* interface, const char* method) {
    // What BlueZ answers doesn't matter: whether it helped is seen at the next look.
    send(Message(dbus_message_new_method_call(kBluez, path.c_str(), interface, method)));
    look_at_ = std::min(look_at_, Clock::now() + kRetryAfter);
}

dbus_uint32_t Worker::send(const Message& message) {
    dbus_uint32_t serial = 0;
    AMBIT_CHECK(message != nullptr &&
                dbus_connection_send(connection_.get(), message.get(), &serial) == TRUE);
    return serial;
}

class BluezSensor final : public Sensor {
  public:
    BluezSensor(Loop& loop, const std::string& address, Events events)
        : events_(std::make_shared<Events>(std::move(events))),
          worker_(address,
                  {[this, &loop](HeartMeasurement measurement) {
                       tell(loop, [measurement = std::move(measurement)](Events& to) {
                           to.on_measurement(measurement);
                       });
                   },
                   [this, &loop](Result<void> state) {
                       tell(loop, [state = std::move(state)](Events& to) { to.on_state(state); });
                   }}) {}

  private:
    void tell(Loop& loop, std::function<void(Events&)> event) {
        loop.post([to = std::weak_ptr(events_), event = std::move(event)] {
            if (const auto events = to.lock()) {
                event(*events);
            }
        });
    }

    const std::shared_ptr<Events> events_;
    Worker worker_;  // last: its thread uses what is above
};

}  // namespace

std::unique_ptr<Sensor> start_bluez(Loop& loop, const std::string& address, Sensor::Events events) {
    return std::make_unique<BluezSensor>(loop, address, std::move(events));
}

}  // namespace ambit::wearable

#endif
