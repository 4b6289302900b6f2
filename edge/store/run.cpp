#include "store/run.h"

namespace ambit::store {
namespace {

constexpr std::size_t kSizeBytes = 4;

}  // namespace

void append_to_run(Bytes& run, ByteView item) {
    for (std::size_t i = 0; i < kSizeBytes; ++i) {
        run.push_back(static_cast<std::uint8_t>(item.size() >> (8 * i)));
    }
    run.insert(run.end(), item.begin(), item.end());
}

Result<std::vector<ByteView>> items_of_run(ByteView run) {
    const Error damaged{ErrorCode::StoreDamaged, "a run of items can't be read"};
    std::vector<ByteView> items;
    while (!run.empty()) {
        if (run.size() < kSizeBytes) {
            return damaged;
        }
        std::size_t size = 0;
        for (std::size_t i = 0; i < kSizeBytes; ++i) {
            size |= std::size_t{run[i]} << (8 * i);
        }
        run = run.subspan(kSizeBytes);
        if (size > run.size()) {
            return damaged;
        }
        items.push_back(run.first(size));
        run = run.subspan(size);
    }
    if (items.empty()) {
        return damaged;
    }
    return items;
}

}  // namespace ambit::store
