// Sync: what peers are offered and given, and what is taken from them.
//
// Ownership: one per Facts; borrows everything else.  Threads: the loop's.
// Failure: as Facts; every error of on_heights(), receive() and serve() is about the peer that it was called
// with. Spec: docs/spec/facts.md sections "Sync" and "Forks".
#pragma once

#include "facts/fold.h"
#include "facts/guests.h"
#include "facts/readers.h"
#include "facts/tellees.h"

namespace ambit::facts {

inline constexpr std::size_t kOffersPerPeerMax = 16'384;
// How many peers a device tells soon of what others wrote.
inline constexpr std::size_t kToldSoonMax = 2;

class Sync {
  public:
    Sync(DeviceId self,
         storage::Storage& storage,
         ChannelTable& table,
         const Fold& fold,
         const Readers& readers,
         Guests& guests,
         crypto::Verifier& verifier,
         std::function<void(Event)> report);

    // The incarnation this device writes in; `restored` is called when a peer proves that it is an old one.
    void set_incarnation(const Incarnation& incarnation) { incarnation_ = incarnation; }

    void set_on_restored(std::function<void()> restored) { restored_ = std::move(restored); }

    // `continued` is called when a peer offers a head of this device's present incarnation that it knows.
    void set_on_continued(std::function<void(const DeviceId& peer)> continued) {
        continued_ = std::move(continued);
    }

    std::vector<privacy::Labelled<Bytes>> heights(const DeviceId& peer) const;
    // Only of these, and only what `peer` is not known to hold.
    std::vector<privacy::Labelled<Bytes>> heights_of(const DeviceId& peer,
                                                     const std::vector<const ChannelLog*>& logs) const;
    // Whom this device tells soon of what a third one wrote, as indices of `up`: the two before it in the
    // circle of the ids of all that have a link to it and may read it, but for the writer.  So everybody has
    // two that tell it, and not everybody tells everybody.  Not those that never had a use for it; and those
    // that had to ask for what that writer wrote: they have no link to it.
    std::vector<std::size_t> told_soon(const Channel& channel, std::span<const DeviceId> up) const;

    // `peer` is told so.
    void note_told_soon(const DeviceId& peer, const Channel& channel) { tellees_.told(peer, channel.writer); }

    Result<void> on_heights(const DeviceId& peer, ByteView bytes);
    std::vector<Want> wants(const DeviceId& peer);
    void close_want(const DeviceId& peer, const Channel& channel, bool keep_offer);
    std::uint64_t offered(const DeviceId& peer, const Channel& channel) const;
    // Nothing: all of it was known.  Otherwise what is for the caller to commit.
    Result<std::optional<Arrival>> receive(const DeviceId& peer, ByteView bytes);
    // Of what the peer wrote, and nobody asked for.  `has_room`: this device can take a range now.
    Result<std::optional<Arrival>> receive_news(const DeviceId& peer, ByteView bytes, bool has_room);
    // May a range from `first_seq` go to `peer` unasked?
    bool may_push(const DeviceId& peer, const ChannelLog& log, std::uint64_t first_seq) const;
    Result<storage::ReadId> serve(const DeviceId& peer, const Want& want);
    std::optional<Served> on_read(storage::ReadId id, const Result<storage::Items>& items);
    void forget_peer(const DeviceId& peer);

  private:
    // An answer on its way.  The hash before want.first_seq is found from a signed head before it, which
    // may take a few readings.
    struct Serving {
        storage::ReadId first_read = 0;
        DeviceId peer;
        Want want;
        ChannelLog* log = nullptr;
        std::uint64_t at = 1;            // the next entry to look at; not after want.first_seq
        std::optional<Digest> previous;  // the hash before it, if known
        bool went_back = false;
    };

    struct ItemsLeft {
        storage::ItemsView::Iterator at;
        storage::ItemsView::Iterator end;
    };

    bool may_exchange(const DeviceId& peer, const Channel& channel) const;
    Result<void> check_offer(const DeviceId& peer, const Channel& channel) const;
    Result<void> on_height(const DeviceId& peer, Height height);
    Result<crypto::VerifyKey> key_of(const DeviceId& writer) const;
    Result<void> check_own(const DeviceId& peer, const Height& height);
    // A range that this device wants, from a peer that may have it.
    Result<std::optional<Arrival>> accept(const DeviceId& peer, Range range);
    void freeze(ChannelLog& log, const Range& theirs);
    // The hashes before and after each entry; FactsForged unless they lead to what the writer signed.
    Result<std::vector<Digest>> check_chain(const DeviceId& peer, const Range& range) const;
    Arrival take(ChannelLog& log, const Range& range, std::span<const Digest> hashes);
    storage::ReadId read(Serving serving);
    bool walk(Serving& serving, ItemsLeft& items) const;
    bool go_back(Serving& serving) const;
    static std::optional<Range> range_of(const Serving& serving, ItemsLeft items);

    DeviceId self_;
    storage::Storage& storage_;
    ChannelTable& table_;
    const Fold& fold_;
    const Readers& readers_;
    Guests& guests_;
    crypto::Verifier& verifier_;
    std::function<void(Event)> report_;
    std::function<void()> restored_;
    std::function<void(const DeviceId&)> continued_;
    Incarnation incarnation_;
    Tellees tellees_;
    std::map<DeviceId, std::map<Channel, Height>> offers_;
    std::map<Channel, DeviceId> outstanding_;
    std::map<storage::ReadId, Serving> servings_;
    // Where the last range of an answer ended, so that the next need not be found by reading back.
    std::map<std::pair<DeviceId, Channel>, SignedHead> served_;
};

}  // namespace ambit::facts
