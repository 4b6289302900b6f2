#include "storage/memory_storage.h"

namespace ambit::storage {

Ticket MemoryStorage::commit(Batch batch) {
    const Ticket ticket = next_ticket_++;
    if (failure_) {
        if (events_ != nullptr) {
            events_->on_storage_failed(*failure_);
        }
        return ticket;
    }
    queued_.emplace_back(ticket, std::move(batch));
    return ticket;
}

ReadId MemoryStorage::read(const ReadRequest& request) {
    const ReadId id = next_read_++;
    reads_.emplace_back(id, request);
    return id;
}

Result<void> MemoryStorage::load_streams(std::string_view prefix, const StreamVisitor& visitor) {
    for (const auto& [name, items] : streams_) {
        if (name.starts_with(prefix)) {
            for (const auto& [seq, item] : items) {
                visitor(name, seq, item);
            }
        }
    }
    return {};
}

Result<std::map<std::string, Bytes>> MemoryStorage::load_table(const std::string& table) {
    return tables_[table];
}

bool MemoryStorage::settle_one() {
    if (queued_.empty()) {
        return false;
    }
    auto [ticket, batch] = std::move(queued_.front());
    queued_.pop_front();
    apply(batch);
    durable_ = ticket;
    if (events_ != nullptr) {
        events_->on_durable(ticket);
    }
    return true;
}

void MemoryStorage::settle() {
    while (!queued_.empty() || !reads_.empty()) {
        while (settle_one()) {
        }
        if (reads_.empty()) {
            continue;
        }
        const auto [id, request] = reads_.front();
        reads_.pop_front();
        Items items;
        std::size_t bytes = 0;
        const auto& stream = streams_[request.stream];
        for (auto at = stream.lower_bound(request.first_seq); at != stream.end(); ++at) {
            bytes += at->second.size();
            if (items.size() == request.items_max || (!items.empty() && bytes > request.bytes_max)) {
                break;
            }
            items.push_back(at->second);
        }
        if (events_ != nullptr) {
            events_->on_read(id, std::move(items));
        }
    }
}

void MemoryStorage::crash() {
    queued_.clear();
    reads_.clear();
    events_ = nullptr;
}

void MemoryStorage::fail(Error error) {
    failure_ = std::move(error);
}

void MemoryStorage::apply(const Batch& batch) {
    for (const auto& operation : batch) {
        if (const auto* append = std::get_if<Append>(&operation)) {
            auto& stream = streams_[append->stream];
            std::uint64_t seq = append->first_seq;
            AMBIT_CHECK(stream.empty() || stream.rbegin()->first + 1 == seq);
            for (const ByteView item : append->items) {
                stream.emplace(seq++, Bytes(item.begin(), item.end()));
            }
        } else if (const auto* trim = std::get_if<Trim>(&operation)) {
            auto& stream = streams_[trim->stream];
            stream.erase(stream.begin(), stream.lower_bound(trim->first_kept_seq));
        } else if (const auto* put = std::get_if<Put>(&operation)) {
            tables_[put->table][put->key] = put->value;
        } else if (const auto* erase = std::get_if<Erase>(&operation)) {
            tables_[erase->table].erase(erase->key);
        }
    }
}

}  // namespace ambit::storage
