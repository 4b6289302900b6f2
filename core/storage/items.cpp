#include "storage/items.h"

namespace ambit::storage {

Result<ItemsView> ItemsView::parse(ByteView packed) {
    std::size_t count = 0;
    for (ByteView rest = packed; !rest.empty(); ++count) {
        if (rest.size() < kSizeBytes || size_at(rest.data()) > rest.size() - kSizeBytes) {
            return Error{ErrorCode::StoreDamaged, "a run of items can't be read"};
        }
        rest = rest.subspan(kSizeBytes + size_at(rest.data()));
    }
    return ItemsView(packed, count);
}

Items::Items(std::initializer_list<Bytes> items) {
    for (const Bytes& item : items) {
        push_back(item);
    }
}

Items::Items(const std::vector<Bytes>& items) {
    for (const Bytes& item : items) {
        push_back(item);
    }
}

void Items::push_back(std::initializer_list<ByteView> parts) {
    std::size_t size = 0;
    for (const ByteView part : parts) {
        size += part.size();
    }
    const std::uint8_t prefix[ItemsView::kSizeBytes] = {
        static_cast<std::uint8_t>(size), static_cast<std::uint8_t>(size >> 8U),
        static_cast<std::uint8_t>(size >> 16U), static_cast<std::uint8_t>(size >> 24U)};
    packed_.insert(packed_.end(), std::begin(prefix), std::end(prefix));
    for (const ByteView part : parts) {
        packed_.insert(packed_.end(), part.begin(), part.end());
    }
    ++size_;
}

}  // namespace ambit::storage
