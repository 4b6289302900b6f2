#include "facts/guests.h"

#include "facts/hlc.h"
#include "proto/facts.pb.h"

namespace ambit::facts {
namespace {

constexpr const char* kTable = "facts.guests";

}  // namespace

Result<void> Guests::load() {
    AMBIT_TRY_ASSIGN(const auto records, storage_.load_table(kTable));
    for (const auto& [key, bytes] : records) {
        const auto device = DeviceId::from_hex(key);
        v1::StoredFactGuest record;
        if (device && record.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
            guests_[*device] = {record.joined_ms(), {record.floors().begin(), record.floors().end()}};
        }
    }
    return {};
}

void Guests::set_roster(const identity::Roster& roster, Now now) {
    storage::Batch batch;
    for (auto at = guests_.begin(); at != guests_.end();) {
        if (is_guest(roster, at->first)) {
            ++at;
        } else {
            batch.emplace_back(storage::Erase{kTable, at->first.hex()});
            at = guests_.erase(at);
        }
    }
    for (const auto& [device, member] : roster.devices) {
        if (!is_guest(roster, device) || guests_.contains(device)) {
            continue;
        }
        Guest& guest = guests_[device];
        guest.joined_ms = unix_ms(now.wall);
        v1::StoredFactGuest record;
        record.set_joined_ms(guest.joined_ms);
        for (const auto& [channel, log] : table_.all()) {
            if (channel.writer != device) {
                guest.floors[log.stream] = log.tip.seq;
                (*record.mutable_floors())[log.stream] = log.tip.seq;
            }
        }
        Bytes bytes(record.ByteSizeLong());
        record.SerializeToArray(bytes.data(), static_cast<int>(bytes.size()));
        batch.emplace_back(storage::Put{kTable, device.hex(), std::move(bytes)});
    }
    if (!batch.empty()) {
        storage_.commit(std::move(batch));
    }
}

void Guests::on_entry(const ChannelLog& log, std::uint64_t seq, ByteView bytes) {
    if (guests_.empty()) {
        return;
    }
    const auto entry = decode_entry(bytes);
    if (!entry) {
        return;
    }
    for (auto& [device, guest] : guests_) {
        if (entry->hlc.ms() < guest.joined_ms && log.channel.writer != device) {
            std::uint64_t& floor = guest.floors[log.stream];
            floor = std::max(floor, seq);
        }
    }
}

std::uint64_t Guests::floor(const DeviceId& peer, const ChannelLog& log) const {
    const auto guest = guests_.find(peer);
    if (guest == guests_.end()) {
        return 0;
    }
    const auto floor = guest->second.floors.find(log.stream);
    return floor == guest->second.floors.end() ? 0 : floor->second;
}

bool Guests::is_guest(const identity::Roster& roster, const DeviceId& device) {
    const identity::Device* member = roster.device(device);
    const identity::Person* owner =
        member != nullptr && member->owner ? roster.person(*member->owner) : nullptr;
    return owner != nullptr && owner->role == identity::Role::Guest;
}

}  // namespace ambit::facts
