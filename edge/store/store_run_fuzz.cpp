// Runs as a damaged database may hold them: an error or items that make up the very same run, and no crash.
#include "base/check.h"
#include "store/run.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ambit::ByteView run(data, size);
    if (const auto items = ambit::store::items_of_run(run)) {
        ambit::Bytes again;
        for (const ambit::ByteView item : *items) {
            ambit::store::append_to_run(again, item);
        }
        AMBIT_CHECK(again == ambit::Bytes(run.begin(), run.end()));
    }
    return 0;
}
