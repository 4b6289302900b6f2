// Items: byte strings one after the other in one piece of memory.
//
// Each is its size, four bytes little-endian, and its bytes.  So a thousand items cost one allocation and no
// more copies than they have bytes, and what is appended to a stream in one transaction is one row of the
// database, in this very form.  Ownership: values; a view lives as long as what it was made of.  Threads:
// any. Failure: StoreDamaged (2100-2199) for bytes that are no items.
#pragma once

#include <initializer_list>
#include <iterator>

#include "base/bytes.h"

namespace ambit::storage {

class ItemsView {
  public:
    class Iterator {
      public:
        using iterator_category = std::forward_iterator_tag;
        using value_type = ByteView;
        using difference_type = std::ptrdiff_t;
        using pointer = const ByteView*;
        using reference = ByteView;

        Iterator() = default;

        explicit Iterator(const std::uint8_t* at) : at_(at) {}

        ByteView operator*() const { return {at_ + kSizeBytes, size_at(at_)}; }

        Iterator& operator++() {
            at_ += kSizeBytes + size_at(at_);
            return *this;
        }

        Iterator operator++(int) {
            const Iterator before = *this;
            ++*this;
            return before;
        }

        friend bool operator==(const Iterator&, const Iterator&) = default;

      private:
        const std::uint8_t* at_ = nullptr;
    };

    ItemsView() = default;

    // Checks every size in `packed`.
    static Result<ItemsView> parse(ByteView packed);

    Iterator begin() const { return Iterator(packed_.data()); }

    Iterator end() const { return Iterator(packed_.data() + packed_.size()); }

    std::size_t size() const { return size_; }

    ByteView packed() const { return packed_; }

  private:
    friend class Items;
    static constexpr std::size_t kSizeBytes = 4;

    ItemsView(ByteView packed, std::size_t size) : packed_(packed), size_(size) {}

    static std::size_t size_at(const std::uint8_t* at) {
        return at[0] | std::size_t{at[1]} << 8U | std::size_t{at[2]} << 16U | std::size_t{at[3]} << 24U;
    }

    ByteView packed_;
    std::size_t size_ = 0;
};

class Items {
  public:
    Items() = default;
    // Implicit on purpose: a list of byte strings is items.
    Items(std::initializer_list<Bytes> items);  // NOLINT
    Items(const std::vector<Bytes>& items);     // NOLINT

    operator ItemsView() const { return view(); }  // NOLINT

    void push_back(ByteView item) { push_back({item}); }

    // The parts make up one item.
    void push_back(std::initializer_list<ByteView> parts);

    void reserve(std::size_t items, std::size_t bytes) {
        packed_.reserve(items * ItemsView::kSizeBytes + bytes);
    }

    // Keeps the memory.
    void clear() {
        packed_.clear();
        size_ = 0;
    }

    ItemsView view() const { return {packed_, size_}; }

    ItemsView::Iterator begin() const { return view().begin(); }

    ItemsView::Iterator end() const { return view().end(); }

    std::size_t size() const { return size_; }

    bool empty() const { return size_ == 0; }

    const Bytes& packed() const { return packed_; }

    friend bool operator==(const Items&, const Items&) = default;

  private:
    Bytes packed_;
    std::size_t size_ = 0;
};

}  // namespace ambit::storage
