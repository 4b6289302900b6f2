#include "store/worker.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "loop/loop.h"

namespace ambit::store {
namespace {

class WorkerThread final : public Worker {
  public:
    explicit WorkerThread(Loop& loop) : loop_(loop), thread_([this] { work(); }) {}

    ~WorkerThread() override {
        {
            const std::lock_guard lock(mutex_);
            stopping_ = true;
        }
        wake_.notify_one();
        thread_.join();
    }

    WorkerThread(const WorkerThread&) = delete;
    WorkerThread& operator=(const WorkerThread&) = delete;

    void run(std::function<void()> job) override {
        {
            const std::lock_guard lock(mutex_);
            jobs_.push_back(std::move(job));
        }
        wake_.notify_one();
    }

    void finish() override {
        std::unique_lock lock(mutex_);
        idle_.wait(lock, [this] { return jobs_.empty() && !busy_; });
    }

    void post(std::function<void()> task) override { loop_.post(std::move(task)); }

  private:
    void work() {
        std::unique_lock lock(mutex_);
        for (;;) {
            wake_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
            if (jobs_.empty()) {
                return;
            }
            auto job = std::move(jobs_.front());
            jobs_.pop_front();
            busy_ = true;
            lock.unlock();
            job();
            job = nullptr;
            lock.lock();
            busy_ = false;
            idle_.notify_all();
        }
    }

    Loop& loop_;
    std::mutex mutex_;  // guards what follows, but the thread
    std::condition_variable wake_;
    std::condition_variable idle_;
    std::deque<std::function<void()>> jobs_;  // the store gives few at a time
    bool busy_ = false;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace

std::unique_ptr<Worker> make_worker_thread(Loop& loop) {
    return std::make_unique<WorkerThread>(loop);
}

}  // namespace ambit::store
