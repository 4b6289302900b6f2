// AddressBook: where each member of the household may be reached, and what to dial next.
//
// Three sources, best first: addresses the owner configured (static), records that devices sign about
// themselves and that everybody relays (gossip), and hints (mDNS, a pairing), which nobody vouches for - the
// link's handshake proves who answers.  Ownership: values; one book per node.  Threads: the loop's. Failure:
// BadAddressRecord (1412), LimitExceeded.  Spec: docs/spec/wire.md section "Addresses".
#pragma once

#include <map>
#include <vector>

#include "crypto/keys.h"
#include "wire/transport.h"

namespace ambit::wire {

// What a device says about itself.  The one with the higher sequence replaces the other.
struct AddressRecord {
    DeviceId device;
    std::vector<Address> addresses;
    std::uint64_t sequence = 0;
    WallTime time;
    Bytes body;  // as it was signed, for relaying
    crypto::Signature signature;
};

AddressRecord sign_address_record(const crypto::SigningKey& key,
                                  std::vector<Address> addresses,
                                  std::uint64_t sequence,
                                  WallTime time);
Bytes encode_address_records(const std::vector<AddressRecord>& records);
// BadAddressRecord if it is malformed or over a limit.  Signatures are checked by AddressBook::merge().
Result<std::vector<AddressRecord>> decode_address_records(ByteView bytes);

// The mDNS instance name of `device` on one day (whole days since the epoch): members can compute it, others
// can neither link it to a device nor follow it over days.  32 hexadecimal digits.
std::string opaque_instance(const HouseholdId& household, const DeviceId& device, std::uint64_t day);

class AddressBook {
  public:
    // Keeps the book to the members of `roster`; entries of others are dropped.
    void set_roster(identity::RosterView roster);

    Result<void> add_static(const DeviceId& device, Address address);
    // True if the address is new for the device.
    bool add_hint(const DeviceId& device, Address address);
    // True if it is news.  BadAddressRecord for a stranger's or a badly signed one.
    Result<bool> merge(const AddressRecord& record);

    // The newest record of every member that has one.
    std::vector<AddressRecord> records() const;
    const AddressRecord* record(const DeviceId& device) const;

    // Candidates for `device`, the last one that worked first, then best source first; no duplicates.
    std::vector<Address> candidates(const DeviceId& device) const;
    void note_success(const DeviceId& device, const Address& address);

  private:
    struct Entry {
        std::vector<Address> fixed;
        std::vector<Address> hints;  // oldest first
        std::optional<AddressRecord> record;
        std::optional<Address> last_good;
    };

    bool is_member(const DeviceId& device) const;

    identity::RosterView roster_;
    std::map<DeviceId, Entry> entries_;
};

}  // namespace ambit::wire
