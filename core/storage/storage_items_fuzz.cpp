// Items as a damaged database may hold them: an error or items that make up the very same bytes, and no
// crash.
#include "base/check.h"
#include "storage/items.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace ambit;
    const ByteView packed(data, size);
    if (const auto items = storage::ItemsView::parse(packed)) {
        storage::Items again;
        for (const ByteView item : *items) {
            again.push_back(item);
        }
        AMBIT_CHECK(again.size() == items->size() && again.packed() == Bytes(packed.begin(), packed.end()));
    }
    return 0;
}
