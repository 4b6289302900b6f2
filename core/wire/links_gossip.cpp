// Links: address records, this device's own and those of others, told to everybody.
#include <algorithm>

#include "wire/links_parts.h"

namespace ambit::wire {
namespace {

constexpr const char* kTable = "wire.addresses";
constexpr const char* kMethod = "address.records";

}  // namespace

void Links::restore_records() {
    // A store that can't be read is reported by whoever opened it; addresses are found again without it.
    const auto table = storage_.load_table(kTable);
    if (!table) {
        return;
    }
    for (const auto& [device, bytes] : *table) {
        if (const auto records = decode_address_records(bytes)) {
            restored_.insert(restored_.end(), records->begin(), records->end());
        }
    }
}

void Links::accept_record(const AddressRecord& record, std::vector<AddressRecord>& news, Now now) {
    const auto merged = book_.merge(record);
    if (!merged || !*merged) {
        return;
    }
    storage_.commit({storage::Put{kTable, record.device.hex(), encode_address_records({record})}});
    news.push_back(record);
    hurry(record.device, now);
}

void Links::gossip(const std::vector<AddressRecord>& records, const DeviceId& to, Now now) {
    const auto peer = peers_.find(to);
    if (records.empty() || peer == peers_.end() || !peer->second.interactive) {
        return;
    }
    const privacy::Labelled<Bytes> body(encode_address_records(records),
                                        privacy::Label{privacy::Audience(privacy::Household{})});
    auto cleared = shared_.gate.clear(body, to, privacy::Egress{"address records", "roster"}, now);
    if (!cleared) {
        return;  // the gate wrote it down
    }
    // A full queue means that this peer has more urgent things to read; it gets the records with its next
    // link.
    static_cast<void>(notify(to, kMethod, std::move(cleared).value(), now));
}

void Links::take_records(const Notice& notice, Now now) {
    static constexpr privacy::Here here("wire: address records");
    const auto records = decode_address_records(notice.body.read(here));
    if (!records) {
        shared_.events.emplace_back(Refused{notice.peer, kMethod, true, records.error()});
        return;
    }
    std::vector<AddressRecord> news;
    for (const AddressRecord& record : *records) {
        accept_record(record, news, now);
    }
    for (const DeviceId& peer : peers_up()) {
        if (peer != notice.peer) {
            gossip(news, peer, now);
        }
    }
    // An earlier life of this device may have said something newer than this one did.
    publish_own(now);
}

void Links::publish_own(Now now) {
    if (!own_addresses_ || shared_.roster == nullptr || shared_.roster->device(shared_.self) == nullptr) {
        return;
    }
    const AddressRecord* current = book_.record(shared_.self);
    if (current != nullptr && current->addresses == *own_addresses_) {
        return;
    }
    const auto wall = std::chrono::duration_cast<milliseconds>(now.wall.time_since_epoch()).count();
    const auto sequence = std::max(static_cast<std::uint64_t>(std::max<std::int64_t>(wall, 1)),
                                   current == nullptr ? 0 : current->sequence + 1);
    std::vector<AddressRecord> news;
    accept_record(sign_address_record(key_, *own_addresses_, sequence, now.wall), news, now);
    for (const DeviceId& peer : peers_up()) {
        gossip(news, peer, now);
    }
}

void Links::set_own_addresses(std::vector<Address> addresses, Now now) {
    if (addresses.size() > kAddressesPerRecordMax) {
        addresses.resize(kAddressesPerRecordMax);
    }
    own_addresses_ = std::move(addresses);
    publish_own(now);
}

void Links::intercept(std::size_t first, Now now) {
    for (std::size_t i = first; i < shared_.events.size();) {
        const auto* notice = std::get_if<Notice>(&shared_.events[i]);
        if (notice == nullptr || notice->method != kMethod) {
            ++i;
            continue;
        }
        const Notice taken = *notice;
        shared_.events.erase(shared_.events.begin() + static_cast<std::ptrdiff_t>(i));
        take_records(taken, now);
    }
}

}  // namespace ambit::wire
