// A calendar server's side of a conversation: the answers to what the client asks, one after the other.
//
// Each begins with a line "STATUS LOCATION" and ends at a line "--".  The client must come to an end, ask
// nobody but its server, and never be told of more than it may hold.
#include "base/check.h"
#include "calendar/client.h"

namespace {

std::string_view cut_at(std::string_view& rest, std::string_view separator) {
    const std::size_t at = rest.find(separator);
    const std::string_view head = rest.substr(0, at);
    rest.remove_prefix(at == std::string_view::npos ? rest.size() : at + separator.size());
    return head;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace ambit::calendar;
    std::string_view rest(reinterpret_cast<const char*>(data), size);
    const Url server = read_url("https://dav.example.org/").value();
    Client client(server);
    for (int round = 0; round < 3 && !rest.empty(); ++round) {
        client.begin();
        while (const auto ask = client.next()) {
            AMBIT_CHECK(same_origin(ask->url, server));
            Reply reply;
            if (rest.empty()) {
                reply.lost = ambit::Error{ambit::ErrorCode::CalendarServerLost, "no more"};
            }
            std::string_view answer = cut_at(rest, "\n--\n");
            std::string_view first = cut_at(answer, "\n");
            const std::string_view status = cut_at(first, " ");
            for (const char digit : status.substr(0, 3)) {
                reply.status = reply.status * 10 + (digit - '0');
            }
            reply.location = first;
            reply.body = answer;
            client.take(reply);
            for (const Change& change : client.changes()) {
                AMBIT_CHECK(change.name.size() <= Collection::kNameBytesMax);
            }
        }
        AMBIT_CHECK(client.calendars() <= Client::kCalendarsMax);
    }
    return 0;
}
