#include "identity/roster_parcels.h"

namespace ambit::identity {
namespace {

// Around each operation in its message.
constexpr std::size_t kFieldBytes = 8;

}  // namespace

std::vector<std::vector<Bytes>> parcels_of(const RosterLog& log, std::size_t bytes_max) {
    std::vector<std::vector<Bytes>> parcels(1);
    std::size_t size = 0;
    for (Bytes& operation : log.all()) {
        const std::size_t more = operation.size() + kFieldBytes;
        if (size + more > bytes_max) {
            parcels.emplace_back();
            size = 0;
        }
        size += more;
        parcels.back().push_back(std::move(operation));
    }
    return parcels;
}

Result<void> ReceivedLog::add(ByteView operation) {
    if (operations_.size() == kRosterOperationsMax || operation.size() > kOperationBytesMax) {
        return Error{ErrorCode::LimitExceeded, "operations of a household"};
    }
    operations_.emplace_back(operation.begin(), operation.end());
    return {};
}

Result<RosterLog> ReceivedLog::opened(RosterLog log) const {
    for (const Bytes& operation : operations_) {
        AMBIT_TRY_ASSIGN(const AddOutcome outcome, log.add(operation));
        if (outcome != AddOutcome::Accepted) {
            return Error{ErrorCode::BadOperation, "the household's log is not in order"};
        }
    }
    if (log.empty()) {
        return Error{ErrorCode::BadOperation, "the household's log is empty"};
    }
    return log;
}

}  // namespace ambit::identity
