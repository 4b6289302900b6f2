#include "mesh/door.h"

#include <algorithm>

#include <boost/asio/ip/address.hpp>

#include "mesh/limits.h"

namespace ambit::mesh {
namespace {

// Whoever has one IPv6 address usually has 2^64 of them.
std::string place_of(const std::string& address) {
    boost::system::error_code error;
    const auto parsed = boost::asio::ip::make_address(address, error);
    if (error || !parsed.is_v6() || parsed.to_v6().is_v4_mapped()) {
        return address;
    }
    auto bytes = parsed.to_v6().to_bytes();
    std::fill(bytes.begin() + bytes.size() / 2, bytes.end(), std::uint8_t{0});
    return boost::asio::ip::address_v6(bytes).to_string();
}

}  // namespace

Door::Answer Door::come(wire::LinkId id, const std::string& address, MonoTime now) {
    const std::string place = place_of(address);
    const bool known = std::find(places_.begin(), places_.end(), place) != places_.end();
    if (!known && !may_work(now)) {
        return {};
    }
    Crowd& crowd = known ? members_ : strangers_;
    const Answer answer{true, too_many(crowd, place)};
    if (answer.instead_of) {
        crowd.erase(*answer.instead_of);
    }
    crowd.emplace(id, place);
    return answer;
}

void Door::gone(wire::LinkId id) {
    strangers_.erase(id);
    members_.erase(id);
}

void Door::member_at(const std::string& address) {
    std::string place = place_of(address);
    std::erase(places_, place);
    places_.push_back(std::move(place));
    if (places_.size() > kMemberPlacesMax) {
        places_.pop_front();
    }
}

// A member needs a few milliseconds for its handshake: the oldest one is of somebody who only holds the door
// open.  The place that most come from goes first.
std::optional<wire::LinkId> Door::too_many(const Crowd& crowd, const std::string& place) {
    std::map<std::string_view, std::size_t> count;
    for (const auto& [id, from] : crowd) {
        ++count[from];
    }
    std::string_view fullest = place;
    if (count[place] < kHandshakesPerAddressMax) {
        if (crowd.size() < kHandshakesMax) {
            return std::nullopt;
        }
        fullest = std::max_element(count.begin(), count.end(), [](const auto& a, const auto& b) {
                      return a.second < b.second;
                  })->first;
    }
    const auto oldest =
        std::find_if(crowd.begin(), crowd.end(), [&](const auto& one) { return one.second == fullest; });
    return oldest == crowd.end() ? std::nullopt : std::optional(oldest->first);
}

bool Door::may_work(MonoTime now) {
    constexpr auto kMost = static_cast<double>(kHandshakesPerSecondMax);
    const std::chrono::duration<double> since =
        allowed_at_ ? now - *allowed_at_ : std::chrono::duration<double>(1);
    allowed_at_ = now;
    allowance_ = std::min(kMost, allowance_ + kMost * since.count());
    if (allowance_ < 1) {
        return false;
    }
    allowance_ -= 1;
    return true;
}

}  // namespace ambit::mesh
