// Fuzzes what a device finds in its own database: rows of a household that works, changed, lost or made up.
//
// Each step of the input is a byte that says what to do, one that says where, one length, and that many
// bytes.  Whatever comes of it, the node refuses to start with an error or runs, answers, writes on and keeps
// its ledger's own account.
#include "base/check.h"
#include "node/phone_alone_testing.h"

namespace {

using namespace ambit;

constexpr const char* kTables[] = {"facts.self",   "facts.bases", "facts.forks",
                                   "facts.guests", "journal",     "ledger-segment"};

struct Rows {
    std::map<std::string, std::vector<Bytes>> streams;
    std::map<std::string, std::map<std::string, Bytes>> tables;
};

Rows rows_of(storage::MemoryStorage& storage) {
    Rows rows;
    (void)storage.load_streams("", [&](const std::string& stream, std::uint64_t /*seq*/, ByteView item) {
        rows.streams[stream].emplace_back(item.begin(), item.end());
    });
    for (const char* table : kTables) {
        rows.tables[table] = storage.load_table(table).value();
    }
    return rows;
}

// A household in which a few things have happened.
const Rows& sound_rows() {
    static const Rows rows = [] {
        storage::MemoryStorage storage;
        node::PhoneAlone phone(storage);
        phone.found();
        AMBIT_CHECK(phone.start(true));
        for (const char* audience : {"me", "household", "device"}) {
            phone.ask("POST", "facts",
                      R"({"subject":"note","attribute":"x","value":[1],"audience":")" +
                          std::string(audience) + R"("})");
        }
        phone.ask("POST", "devices/rename", R"({"device":"phone","name":"pocket"})");
        return rows_of(storage);
    }();
    return rows;
}

void change(Rows& rows, std::uint8_t what, std::uint8_t where, ByteView bytes) {
    auto stream = std::next(rows.streams.begin(), where % rows.streams.size());
    auto& items = stream->second;
    auto& table = rows.tables[kTables[where % std::size(kTables)]];
    const std::size_t at = items.empty() ? 0 : what / 8 % items.size();
    const Bytes copy(bytes.begin(), bytes.end());
    switch (what % 8) {
        case 0:
            items.push_back(copy);
            break;
        case 1:
            if (!items.empty()) {
                items.erase(items.begin() + static_cast<std::ptrdiff_t>(at));
            }
            break;
        case 2:
            for (std::size_t i = 0; !items.empty() && i < copy.size() && i < items[at].size(); ++i) {
                items[at][i] ^= copy[i];
            }
            break;
        case 3:
            if (!items.empty()) {
                items[at] = copy;
            }
            break;
        case 4:
            table[std::string(2, static_cast<char>('a' + what / 8))] = copy;
            break;
        case 5:
            for (auto& [key, value] : table) {
                value = copy;
            }
            break;
        case 6:
            table.clear();
            break;
        default:
            rows.streams[to_text(bytes)].push_back(copy);
            break;
    }
}

void write(const Rows& rows, storage::MemoryStorage& storage) {
    for (const auto& [stream, items] : rows.streams) {
        storage.commit({storage::Append{stream, 1, items}});
    }
    for (const auto& [table, records] : rows.tables) {
        for (const auto& [key, value] : records) {
            storage.commit({storage::Put{table, key, value}});
        }
    }
    storage.settle();
}

bool is_broken(node::PhoneAlone& phone) {
    return phone.ask("GET", "ledger/verify", "{}")->text.find(R"("intact":false)") != std::string::npos;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Rows rows = sound_rows();
    for (ByteView rest(data, size); rest.size() >= 3;) {
        const std::size_t length = std::min<std::size_t>(rest[2], rest.size() - 3);
        change(rows, rest[0], rest[1], rest.subspan(3, length));
        rest = rest.subspan(3 + length);
    }
    storage::MemoryStorage storage;
    write(rows, storage);
    node::PhoneAlone phone(storage);
    if (!phone.start(false)) {
        return 0;
    }
    for (const char* path :
         {"status", "doctor", "facts", "devices", "people", "ledger", "ledger/verify", "release"}) {
        AMBIT_CHECK(phone.ask("GET", path, "{}")->ended);
    }
    const bool broken = is_broken(phone);
    AMBIT_CHECK(
        phone.ask("POST", "facts", R"({"subject":"n","attribute":"x","value":1,"audience":"household"})")
            ->ended);
    phone.now_.mono += seconds(60);
    phone.now_.wall += seconds(60);
    phone.node_->tick();
    storage.settle();
    AMBIT_CHECK(broken == is_broken(phone));
    return 0;
}
