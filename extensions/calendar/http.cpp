#include "calendar/http.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cctype>

#include <curl/curl.h>
#include <dlfcn.h>

#include "base/text.h"
#include "calendar/answer.h"

namespace ambit::calendar {
namespace {

constexpr const char* kLibrary = "libcurl.so.4";
constexpr std::size_t kWhyBytesMax = 200;

Error server_lost(std::string why) {
    return {ErrorCode::CalendarServerLost, std::move(why)};
}

// What is used of libcurl.
struct Library {
    decltype(&curl_global_init) global_init = nullptr;
    decltype(&curl_easy_init) easy_init = nullptr;
    decltype(&curl_easy_cleanup) easy_cleanup = nullptr;
    decltype(&curl_easy_reset) easy_reset = nullptr;
    decltype(&curl_easy_setopt) easy_setopt = nullptr;
    decltype(&curl_easy_getinfo) easy_getinfo = nullptr;
    decltype(&curl_easy_strerror) easy_strerror = nullptr;
    decltype(&curl_slist_append) slist_append = nullptr;
    decltype(&curl_slist_free_all) slist_free_all = nullptr;
    decltype(&curl_multi_init) multi_init = nullptr;
    decltype(&curl_multi_cleanup) multi_cleanup = nullptr;
    decltype(&curl_multi_add_handle) multi_add_handle = nullptr;
    decltype(&curl_multi_remove_handle) multi_remove_handle = nullptr;
    decltype(&curl_multi_perform) multi_perform = nullptr;
    decltype(&curl_multi_poll) multi_poll = nullptr;
    decltype(&curl_multi_wakeup) multi_wakeup = nullptr;
    decltype(&curl_multi_info_read) multi_info_read = nullptr;

    // It stays loaded: what it brings along is not made to be unloaded.
    Result<void> load() {
        void* library = dlopen(kLibrary, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
        bool all = library != nullptr;
        const auto find = [&](auto& function, const char* name) {
            if (all) {
                function =
                    reinterpret_cast<std::remove_reference_t<decltype(function)>>(dlsym(library, name));
                all = function != nullptr;
            }
        };
        find(global_init, "curl_global_init");
        find(easy_init, "curl_easy_init");
        find(easy_cleanup, "curl_easy_cleanup");
        find(easy_reset, "curl_easy_reset");
        find(easy_setopt, "curl_easy_setopt");
        find(easy_getinfo, "curl_easy_getinfo");
        find(easy_strerror, "curl_easy_strerror");
        find(slist_append, "curl_slist_append");
        find(slist_free_all, "curl_slist_free_all");
        find(multi_init, "curl_multi_init");
        find(multi_cleanup, "curl_multi_cleanup");
        find(multi_add_handle, "curl_multi_add_handle");
        find(multi_remove_handle, "curl_multi_remove_handle");
        find(multi_perform, "curl_multi_perform");
        find(multi_poll, "curl_multi_poll");
        find(multi_wakeup, "curl_multi_wakeup");
        find(multi_info_read, "curl_multi_info_read");
        if (!all || global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
            return server_lost("libcurl is missing here: apt install libcurl4");
        }
        return {};
    }
};

// What came, as it comes.
struct Coming {
    Reply reply;
    std::size_t header_bytes = 0;
};

std::size_t on_body(char* data, std::size_t size, std::size_t count, void* into) {
    Reply& reply = static_cast<Coming*>(into)->reply;
    if (reply.body.size() + size * count > kAnswerBytesMax) {
        reply.too_long = true;
        return 0;
    }
    reply.body.append(data, size * count);
    return size * count;
}

std::size_t on_header(char* data, std::size_t size, std::size_t count, void* into) {
    auto& coming = *static_cast<Coming*>(into);
    coming.header_bytes += size * count;
    if (coming.header_bytes > kHeaderBytesMax) {
        return 0;
    }
    const std::string_view line(data, size * count);
    constexpr std::string_view kLocation = "location:";
    const bool is_location =
        line.size() > kLocation.size() &&
        std::equal(kLocation.begin(), kLocation.end(), line.begin(),
                   [](char wanted, unsigned char c) { return wanted == static_cast<char>(std::tolower(c)); });
    if (is_location) {
        coming.reply.location = line.substr(kLocation.size(), kUrlBytesMax);
    }
    return size * count;
}

}  // namespace

struct Http::Impl {
    ~Impl() {
        if (easy != nullptr) {
            curl.easy_cleanup(easy);
        }
        if (multi != nullptr) {
            curl.multi_cleanup(multi);
        }
    }

    void prepare(const Ask& ask, const std::string& address, curl_slist* headers, Coming& coming) {
        const auto set = [&](CURLoption option, auto value) { curl.easy_setopt(easy, option, value); };
        curl.easy_reset(easy);
        set(CURLOPT_URL, address.c_str());
        set(CURLOPT_PROTOCOLS_STR, "http,https");
        set(CURLOPT_PROXY, "");
        set(CURLOPT_FOLLOWLOCATION, 0L);
        set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
        set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
        set(CURLOPT_NOSIGNAL, 1L);
        set(CURLOPT_QUICK_EXIT, 1L);
        set(CURLOPT_USERAGENT, "ambit");
        set(CURLOPT_CUSTOMREQUEST, ask.method);
        set(CURLOPT_POSTFIELDSIZE, static_cast<long>(ask.body.size()));
        set(CURLOPT_POSTFIELDS, ask.body.c_str());
        set(CURLOPT_HTTPHEADER, headers);
        if (!credentials.user.empty()) {
            set(CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BASIC));
            set(CURLOPT_USERNAME, credentials.user.c_str());
            set(CURLOPT_PASSWORD, credentials.password.c_str());
        }
        if (!credentials.ca_file.empty()) {
            set(CURLOPT_CAINFO, credentials.ca_file.c_str());
            set(CURLOPT_CAPATH, nullptr);
        }
        set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(patience.connect.count()));
        set(CURLOPT_TIMEOUT_MS, static_cast<long>(patience.whole.count()));
        set(CURLOPT_LOW_SPEED_LIMIT, 100L);
        set(CURLOPT_LOW_SPEED_TIME, static_cast<long>(patience.silence.count()));
        set(CURLOPT_WRITEFUNCTION, &on_body);
        set(CURLOPT_WRITEDATA, static_cast<void*>(&coming));
        set(CURLOPT_HEADERFUNCTION, &on_header);
        set(CURLOPT_HEADERDATA, static_cast<void*>(&coming));
        set(CURLOPT_ERRORBUFFER, why.data());
    }

    // Until it is done or stopped.
    CURLcode run() {
        CURLcode outcome = CURLE_ABORTED_BY_CALLBACK;
        curl.multi_add_handle(multi, easy);
        for (int running = 1; running > 0 && !stopping;) {
            if (curl.multi_perform(multi, &running) != CURLM_OK) {
                break;
            }
            if (running > 0) {
                curl.multi_poll(multi, nullptr, 0, 1000, nullptr);
            }
        }
        int left = 0;
        while (const CURLMsg* message = curl.multi_info_read(multi, &left)) {
            if (message->msg == CURLMSG_DONE) {
                outcome = message->data.result;
            }
        }
        curl.multi_remove_handle(multi, easy);
        return outcome;
    }

    Library curl;
    Url origin;
    Credentials credentials;
    Patience patience;
    CURL* easy = nullptr;
    CURLM* multi = nullptr;
    std::array<char, CURL_ERROR_SIZE> why{};
    std::atomic<bool> stopping{false};
};

Http::Http(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Http::~Http() = default;

Result<std::unique_ptr<Http>> Http::create(Url origin, Credentials credentials, const Patience& patience) {
    auto impl = std::make_unique<Impl>();
    AMBIT_TRY(impl->curl.load());
    impl->origin = std::move(origin);
    impl->credentials = std::move(credentials);
    impl->patience = patience;
    impl->easy = impl->curl.easy_init();
    impl->multi = impl->curl.multi_init();
    if (impl->easy == nullptr || impl->multi == nullptr) {
        return server_lost("no memory for a connection");
    }
    return std::unique_ptr<Http>(new Http(std::move(impl)));
}

Reply Http::send(const Ask& ask) {
    Coming coming;
    if (!same_origin(ask.url, impl_->origin)) {
        coming.reply.lost = server_lost("an address of another server");
        return std::move(coming.reply);
    }
    const Library& curl = impl_->curl;
    const std::string depth = "Depth: " + std::to_string(ask.depth);
    curl_slist* list = nullptr;
    for (const char* header : {"Content-Type: application/xml; charset=utf-8", depth.c_str(), "Expect:"}) {
        list = curl.slist_append(list, header);
    }
    const std::unique_ptr<curl_slist, decltype(curl.slist_free_all)> headers(list, curl.slist_free_all);
    impl_->why[0] = '\0';
    impl_->prepare(ask, to_text(ask.url), headers.get(), coming);
    const CURLcode outcome = impl_->run();
    Reply& reply = coming.reply;
    if (outcome != CURLE_OK && !reply.too_long) {
        const std::string_view detail = impl_->why.data();
        reply.lost =
            server_lost(printable(detail.empty() ? curl.easy_strerror(outcome) : detail, kWhyBytesMax));
        return std::move(reply);
    }
    long status = 0;
    curl.easy_getinfo(impl_->easy, CURLINFO_RESPONSE_CODE, &status);
    reply.status = static_cast<int>(status);
    if (reply.too_long) {
        reply.body.clear();
        reply.body.shrink_to_fit();
    }
    return std::move(reply);
}

void Http::stop() {
    impl_->stopping = true;
    impl_->curl.multi_wakeup(impl_->multi);
}

}  // namespace ambit::calendar
