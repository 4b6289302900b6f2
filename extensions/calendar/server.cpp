#include "calendar/server.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "calendar/client.h"
#include "loop/loop.h"

namespace ambit::calendar {

Result<Url> address_of(const ServerSettings& settings) {
    AMBIT_TRY_ASSIGN(Url url, read_url(settings.url));
    if (!settings.credentials.password.empty() && !is_unheard(url)) {
        return Error{ErrorCode::CalendarPasswordInTheOpen, origin_of(url)};
    }
    return url;
}

class Server::Worker {
  public:
    Worker(const ServerSettings& settings, std::function<void()> on_news)
        : every_(settings.every), round_max_(settings.round_max), on_news_(std::move(on_news)) {
        auto url = address_of(settings);
        if (!url) {
            give_up(url.error());
            return;
        }
        auto http = Http::create(*url, settings.credentials);
        if (!http) {
            give_up(http.error());
            return;
        }
        http_ = std::move(http).value();
        thread_ = std::thread([this, url = *url] { run(url); });
    }

    ~Worker() {
        {
            const std::lock_guard lock(mutex_);
            stopping_ = true;
        }
        if (http_) {
            http_->stop();
        }
        wake_.notify_all();
        if (thread_.joinable()) {
            thread_.join();
        }
    }

    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    News fetch() {
        const std::lock_guard lock(mutex_);
        News out{std::exchange(news_.changes, {}), news_.error, news_.rounds, news_.asking_since};
        wake_.notify_all();
        return out;
    }

  private:
    // Nothing will ever come.
    void give_up(const Error& error) {
        news_.error = error;
        news_.rounds = 1;
        on_news_();
    }

    void run(const Url& url) {
        Client client(url);
        for (;;) {
            client.begin();
            const MonoTime since = begin_round();
            while (const auto ask = client.next()) {
                client.take(Loop::now().mono < since + round_max_ ? http_->send(*ask) : too_slow());
                if (!hand_over(client.changes())) {
                    return;
                }
            }
            if (!hand_over(client.changes()) || !end_round(client.error())) {
                return;
            }
        }
    }

    static Reply too_slow() {
        Reply reply;
        reply.lost = Error{ErrorCode::CalendarServerLost, "it is slow: it did not tell all of it in time"};
        return reply;
    }

    MonoTime begin_round() {
        const std::lock_guard lock(mutex_);
        news_.asking_since = Loop::now().mono;
        return *news_.asking_since;
    }

    // False once there is nobody to hand anything to.
    bool hand_over(std::vector<Change> changes) {
        std::unique_lock lock(mutex_);
        if (!changes.empty()) {
            wake_.wait(lock, [this] { return stopping_ || news_.changes.empty(); });
            news_.changes = std::move(changes);
        }
        if (!stopping_ && !news_.changes.empty()) {
            lock.unlock();
            on_news_();
            lock.lock();
        }
        return !stopping_;
    }

    bool end_round(const std::optional<Error>& error) {
        std::unique_lock lock(mutex_);
        news_.error = error;
        ++news_.rounds;
        news_.asking_since.reset();
        const bool refused = error && error->code == ErrorCode::CalendarServerRefused;
        const auto pause = refused ? std::max<std::chrono::milliseconds>(every_, kPauseRefused) : every_;
        lock.unlock();
        on_news_();
        lock.lock();
        return !wake_.wait_for(lock, pause, [this] { return stopping_; });
    }

    const std::chrono::milliseconds every_;
    const std::chrono::milliseconds round_max_;
    const std::function<void()> on_news_;
    std::unique_ptr<Http> http_;
    std::mutex mutex_;
    std::condition_variable wake_;
    News news_;
    bool stopping_ = false;
    std::thread thread_;
};

Server::Server(const ServerSettings& settings, std::function<void()> on_news)
    : worker_(std::make_unique<Worker>(settings, std::move(on_news))) {}

Server::~Server() = default;

Server::News Server::fetch() {
    return worker_->fetch();
}

}  // namespace ambit::calendar
