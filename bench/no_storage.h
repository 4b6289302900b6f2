// NoStorage: everything is durable at once and nothing is kept, where the disk is not what is measured.
//
// What the disk costs: facts-commit and gate-ledgered.  Ownership: value.  Threads: one.  Failure: none.
#pragma once

#include "storage/storage.h"

namespace ambit::bench {

class NoStorage final : public storage::Storage {
  public:
    storage::Ticket commit(storage::Batch /*batch*/) override { return ++ticket_; }

    storage::Ticket durable() const override { return ticket_; }

    storage::ReadId read(const storage::ReadRequest& /*request*/) override { return 0; }

    Result<void> load_streams(std::string_view /*prefix*/, const StreamVisitor& /*visitor*/) override {
        return {};
    }

    Result<std::map<std::string, Bytes>> load_table(const std::string& /*table*/) override {
        return std::map<std::string, Bytes>();
    }

  private:
    storage::Ticket ticket_ = 0;
};

}  // namespace ambit::bench
