#include "wire/addresses.h"

#include <algorithm>
#include <charconv>

#include "crypto/hash.h"
#include "proto/wire.pb.h"
#include "wire/limits.h"

namespace ambit::wire {
namespace {

Error bad(const char* what) {
    return Error{ErrorCode::BadAddressRecord, what};
}

bool valid_host(std::string_view host) {
    return !host.empty() && host.size() <= kHostBytesMax &&
           std::all_of(host.begin(), host.end(), [](unsigned char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '.' || c == '-' || c == '_' || c == ':' || c == '%';
           });
}

Result<AddressRecord> read_body(const std::string& body, const std::string& signature) {
    v1::AddressRecord in;
    if (!in.ParseFromString(body)) {
        return bad("not an address record");
    }
    if (in.addresses_size() > static_cast<int>(kAddressesPerRecordMax)) {
        return bad("too many addresses");
    }
    AddressRecord record;
    const auto device = DeviceId::from_bytes(view_of(in.device()));
    const auto signed_by = crypto::Signature::from_bytes(view_of(signature));
    if (!device || !signed_by) {
        return bad("device or signature of the wrong length");
    }
    record.device = *device;
    record.signature = *signed_by;
    for (const v1::Address& address : in.addresses()) {
        if (!valid_host(address.host()) || address.port() == 0 || address.port() > 65535) {
            return bad("not an address");
        }
        record.addresses.push_back({address.host(), static_cast<std::uint16_t>(address.port())});
    }
    record.sequence = in.sequence();
    constexpr std::uint64_t kTimeMsMax = std::uint64_t{1} << 48U;
    record.time = WallTime(milliseconds(static_cast<std::int64_t>(std::min(in.time_ms(), kTimeMsMax))));
    record.body = to_bytes(body);
    return record;
}

void add_unique(std::vector<Address>& list, const Address& address) {
    if (std::find(list.begin(), list.end(), address) == list.end()) {
        list.push_back(address);
    }
}

}  // namespace

std::string Address::to_string() const {
    const bool v6 = host.find(':') != std::string::npos;
    return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Result<Address> Address::parse(std::string_view text) {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) {
        return Error{ErrorCode::BadEncoding, "an address is HOST:PORT"};
    }
    std::string_view host = text.substr(0, colon);
    const std::string_view digits = text.substr(colon + 1);
    const bool bracketed = host.size() >= 2 && host.front() == '[' && host.back() == ']';
    if (bracketed) {
        host = host.substr(1, host.size() - 2);
    }
    std::uint16_t port = 0;
    const auto [end, status] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    const bool whole = status == std::errc() && end == digits.data() + digits.size() && port != 0;
    if (!whole || !valid_host(host) || (!bracketed && host.find(':') != std::string_view::npos)) {
        return Error{ErrorCode::BadEncoding, "an address is HOST:PORT or [IPV6]:PORT"};
    }
    return Address{std::string(host), port};
}

AddressRecord sign_address_record(const crypto::SigningKey& key,
                                  std::vector<Address> addresses,
                                  std::uint64_t sequence,
                                  WallTime time) {
    if (addresses.size() > kAddressesPerRecordMax) {
        addresses.resize(kAddressesPerRecordMax);
    }
    AddressRecord record;
    record.device = crypto::device_id_of(key.verify_key());
    record.sequence = sequence;
    record.time = time;
    v1::AddressRecord out;
    out.set_device(to_text(record.device.bytes()));
    for (const Address& address : addresses) {
        v1::Address& entry = *out.add_addresses();
        entry.set_host(address.host);
        entry.set_port(address.port);
    }
    out.set_sequence(sequence);
    const auto ms = std::chrono::duration_cast<milliseconds>(time.time_since_epoch()).count();
    out.set_time_ms(static_cast<std::uint64_t>(std::max<std::int64_t>(ms, 0)));
    record.addresses = std::move(addresses);
    record.body = to_bytes(out.SerializeAsString());
    record.signature = key.sign(crypto::kAddress, record.body);
    return record;
}

Bytes encode_address_records(const std::vector<AddressRecord>& records) {
    v1::AddressRecords out;
    for (const AddressRecord& record : records) {
        v1::SignedAddressRecord& entry = *out.add_records();
        entry.set_body(to_text(record.body));
        entry.set_signature(to_text(record.signature.bytes()));
    }
    return to_bytes(out.SerializeAsString());
}

Result<std::vector<AddressRecord>> decode_address_records(ByteView bytes) {
    v1::AddressRecords in;
    if (bytes.size() > kBodyBytesMax || !in.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
        return bad("not a list of address records");
    }
    if (in.records_size() > static_cast<int>(kRecordsPerNoticeMax)) {
        return bad("too many address records");
    }
    std::vector<AddressRecord> records;
    for (const v1::SignedAddressRecord& entry : in.records()) {
        AMBIT_TRY_ASSIGN(AddressRecord record, read_body(entry.body(), entry.signature()));
        records.push_back(std::move(record));
    }
    return records;
}

std::string opaque_instance(const HouseholdId& household, const DeviceId& device, std::uint64_t day) {
    std::array<std::uint8_t, 8> day_bytes{};
    for (std::size_t i = 0; i < day_bytes.size(); ++i) {
        day_bytes[i] = static_cast<std::uint8_t>(day >> (56U - 8U * i));
    }
    const Digest digest =
        crypto::hash_parts("ambit/v1/mdns", {household.bytes(), device.bytes(), ByteView(day_bytes)});
    return digest.hex().substr(0, 32);
}

void AddressBook::set_roster(identity::RosterView roster) {
    roster_ = std::move(roster);
    std::erase_if(entries_, [this](const auto& entry) { return !is_member(entry.first); });
}

bool AddressBook::is_member(const DeviceId& device) const {
    return roster_ && roster_->device(device) != nullptr;
}

Result<void> AddressBook::add_static(const DeviceId& device, Address address) {
    if (!is_member(device)) {
        return Error{ErrorCode::NotAMember, "device " + device.short_hex()};
    }
    std::vector<Address>& fixed = entries_[device].fixed;
    if (fixed.size() >= kStaticPerDeviceMax) {
        return Error{ErrorCode::LimitExceeded, "static addresses of one device"};
    }
    add_unique(fixed, address);
    return {};
}

bool AddressBook::add_hint(const DeviceId& device, Address address) {
    if (!is_member(device) || !valid_host(address.host) || address.port == 0) {
        return false;
    }
    std::vector<Address>& hints = entries_[device].hints;
    if (std::find(hints.begin(), hints.end(), address) != hints.end()) {
        return false;
    }
    if (hints.size() >= kHintsPerDeviceMax) {
        hints.erase(hints.begin());
    }
    hints.push_back(std::move(address));
    return true;
}

Result<bool> AddressBook::merge(const AddressRecord& record) {
    const identity::Device* device = roster_ ? roster_->device(record.device) : nullptr;
    if (device == nullptr) {
        return bad("about a device that is not in the household");
    }
    Entry& entry = entries_[record.device];
    if (entry.record && entry.record->sequence >= record.sequence) {
        return false;
    }
    if (!device->verify_key.verify(crypto::kAddress, record.body, record.signature)) {
        return bad("not signed by the device itself");
    }
    entry.record = record;
    return true;
}

std::vector<AddressRecord> AddressBook::records() const {
    std::vector<AddressRecord> out;
    for (const auto& [device, entry] : entries_) {
        if (entry.record) {
            out.push_back(*entry.record);
        }
    }
    return out;
}

const AddressRecord* AddressBook::record(const DeviceId& device) const {
    const auto found = entries_.find(device);
    return found != entries_.end() && found->second.record ? &*found->second.record : nullptr;
}

std::vector<Address> AddressBook::candidates(const DeviceId& device) const {
    std::vector<Address> out;
    const auto found = entries_.find(device);
    if (found == entries_.end()) {
        return out;
    }
    const Entry& entry = found->second;
    if (entry.last_good) {
        out.push_back(*entry.last_good);
    }
    for (const Address& address : entry.fixed) {
        add_unique(out, address);
    }
    if (entry.record) {
        for (const Address& address : entry.record->addresses) {
            add_unique(out, address);
        }
    }
    // The newest hint first: an older one is more likely to be out of date.
    for (auto hint = entry.hints.rbegin(); hint != entry.hints.rend(); ++hint) {
        add_unique(out, *hint);
    }
    return out;
}

void AddressBook::note_success(const DeviceId& device, const Address& address) {
    if (is_member(device)) {
        entries_[device].last_good = address;
    }
}

}  // namespace ambit::wire
