#include "wire/network_testing.h"

namespace ambit::wire {
namespace {

crypto::Seed seed_of(std::uint8_t number) {
    crypto::Seed seed{};
    seed[0] = number;
    return seed;
}

}  // namespace

TestNode::TestNode(Network& network, std::uint8_t number, bool mains_powered)
    : network_(network),
      key_(crypto::SigningKey::from_seed(seed_of(number))),
      id_(crypto::device_id_of(key_.verify_key())),
      mains_powered_(mains_powered),
      random_(seed_of(static_cast<std::uint8_t>(number + 100))) {
    storage_.set_events(this);
}

void TestNode::restart() {
    network_.drop_links(*this);
    links_.reset();
    ledger_ = std::make_unique<privacy::Ledger>(storage_, key_);
    AMBIT_CHECK(ledger_->load().has_value());
    gate_ = std::make_unique<privacy::Gate>(id_, *ledger_);
    gate_->set_roster(network_.roster);
    links_ = std::make_unique<Links>(key_, mains_powered_, Dialect(), *this, *gate_, storage_, random_);
    links_->set_own_addresses({network_.address_of(*this)}, network_.now);
    links_->set_roster(network_.roster, network_.now);
}

privacy::Cleared<Bytes> TestNode::clear(const DeviceId& recipient,
                                        Bytes body,
                                        const privacy::Audience& audience) {
    const privacy::Labelled<Bytes> value(std::move(body), privacy::Label{audience});
    return gate_->clear(value, recipient, {"test", "audience"}, network_.now).value();
}

void TestNode::drain() {
    if (!slow_disk) {
        storage_.settle();
    }
    for (Event& event : links_->drain_events()) {
        events.push_back(std::move(event));
    }
}

void TestNode::dial(DialId id, const Address& address, const DeviceId& expected) {
    ++dials;
    network_.dialling_.emplace(this, id);
    network_.post([this, id, address, expected] {
        if (network_.dialling_.erase({this, id}) == 0 || network_.cut_) {
            return;
        }
        for (const auto& node : network_.nodes_) {
            if (network_.address_of(*node) == address && node->id() == expected &&
                network_.roster->device(id_) != nullptr && network_.roster->device(expected) != nullptr) {
                const LinkId link = network_.next_link_++;
                network_.pipes_[link] = {{this, node.get()}};
                links_->on_link_up({link, node->id(), id, address}, network_.now);
                node->links_->on_link_up({link, id_, std::nullopt, network_.address_of(*this)}, network_.now);
                return;
            }
        }
        links_->on_dial_failed(id, Error{ErrorCode::PeerUnreachable, "nobody there"}, network_.now);
    });
}

void TestNode::cancel_dial(DialId id) {
    network_.dialling_.erase({this, id});
}

bool TestNode::send(LinkId link, Bytes frame) {
    ++frames_sent;
    TestNode* peer = network_.other(link, *this);
    network_.post([this, peer, link, frame = std::move(frame)] {
        if (!network_.cut_ && network_.other(link, *this) == peer && peer != nullptr) {
            peer->links_->on_frame(link, frame, network_.now);
        }
    });
    return !full;
}

void TestNode::close(LinkId link, const Error& /*reason*/) {
    TestNode* peer = network_.other(link, *this);
    network_.post([this, peer, link] {
        if (network_.pipes_.erase(link) > 0 && !network_.cut_) {
            peer->links_->on_link_down(link, Error{ErrorCode::PeerLost, "closed"}, network_.now);
        }
    });
}

void TestNode::set_roster(identity::RosterView /*roster*/) {}

void TestNode::on_durable(storage::Ticket /*up_to*/) {
    if (links_) {
        links_->on_durable(network_.now);
    }
}

TestNode& Network::add(bool mains_powered) {
    const auto number = static_cast<std::uint8_t>(nodes_.size() + 1);
    nodes_.push_back(std::make_unique<TestNode>(*this, number, mains_powered));
    return *nodes_.back();
}

void Network::start() {
    auto members = std::make_shared<identity::Roster>();
    members->version = Digest({1});
    for (const auto& node : nodes_) {
        identity::Device device;
        device.id = node->id_;
        device.verify_key = node->key_.verify_key();
        device.mains_powered = node->mains_powered_;
        members->devices[device.id] = device;
    }
    roster = members;
    for (const auto& node : nodes_) {
        node->restart();
    }
}

void Network::remove(const TestNode& gone) {
    auto members = std::make_shared<identity::Roster>(*roster);
    members->version = Digest({2});
    members->devices.erase(gone.id());
    roster = members;
    for (const auto& node : nodes_) {
        if (node.get() != &gone) {
            node->gate_->set_roster(roster);
            node->links_->set_roster(roster, now);
        }
    }
}

void Network::settle() {
    bool moved = true;
    while (moved) {
        for (const auto& node : nodes_) {
            node->drain();
        }
        moved = !tasks_.empty();
        for (auto& task : std::exchange(tasks_, {})) {
            task();
        }
    }
}

void Network::advance(milliseconds time) {
    const MonoTime end = now.mono + time;
    settle();
    while (now.mono < end) {
        MonoTime next = end;
        for (const auto& node : nodes_) {
            next = std::min(next, node->links_->next_deadline().value_or(end));
        }
        next = std::max<MonoTime>(next, now.mono + milliseconds(1));
        now.wall += next - now.mono;
        now.mono = next;
        for (const auto& node : nodes_) {
            node->links_->on_tick(now);
        }
        settle();
    }
}

bool Network::until(const std::function<bool()>& done) {
    const MonoTime end = now.mono + seconds(60);
    settle();
    while (!done() && now.mono < end) {
        advance(milliseconds(10));
    }
    return done();
}

Address Network::address_of(const TestNode& node) const {
    return {node.id().short_hex(), 7001};
}

TestNode* Network::other(LinkId link, const TestNode& node) const {
    const auto found = pipes_.find(link);
    if (found == pipes_.end()) {
        return nullptr;
    }
    return found->second.ends[0] == &node ? found->second.ends[1] : found->second.ends[0];
}

void Network::inject(TestNode& node, LinkId link, ByteView frame) {
    node.links_->on_frame(link, frame, now);
}

void Network::drop_links(TestNode& node) {
    std::vector<LinkId> dropped;
    for (const auto& [id, pipe] : pipes_) {
        if (pipe.ends[0] == &node || pipe.ends[1] == &node) {
            dropped.push_back(id);
        }
    }
    for (const LinkId link : dropped) {
        TestNode* peer = other(link, node);
        pipes_.erase(link);
        if (!cut_) {
            peer->links_->on_link_down(link, Error{ErrorCode::LinkBroken, "reset"}, now);
        }
    }
}

std::size_t Network::links_between(const TestNode& a, const TestNode& b) const {
    std::size_t count = 0;
    for (const auto& [id, pipe] : pipes_) {
        count +=
            (pipe.ends[0] == &a && pipe.ends[1] == &b) || (pipe.ends[0] == &b && pipe.ends[1] == &a) ? 1 : 0;
    }
    return count;
}

LinkId Network::link_between(const TestNode& a, const TestNode& b) const {
    for (const auto& [id, pipe] : pipes_) {
        if ((pipe.ends[0] == &a && pipe.ends[1] == &b) || (pipe.ends[0] == &b && pipe.ends[1] == &a)) {
            return id;
        }
    }
    return 0;
}

}  // namespace ambit::wire
