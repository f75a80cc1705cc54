#include "servable/rnn/watchdog.h"

#include <utility>

namespace magenta_serving {

Watchdog::Watchdog(std::function<void()> bite)
    : bite_(std::move(bite)), thread_([this] { Look(); }) {}

Watchdog::~Watchdog() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    ended_ = true;
  }
  ended_changed_.notify_one();
  thread_.join();
}

bool Watchdog::has_bitten() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return has_bitten_;
}

Watchdog::Watch::Watch(Watchdog* watchdog, std::chrono::seconds limit) : watchdog_(watchdog) {
  std::lock_guard<std::mutex> lock(watchdog_->mutex_);
  deadline_ = watchdog_->deadlines_.insert(Clock::now() + limit);
}

Watchdog::Watch::~Watch() {
  std::lock_guard<std::mutex> lock(watchdog_->mutex_);
  watchdog_->deadlines_.erase(deadline_);
}

// Looks once a second: to be woken for each watch would cost a step of a small network more than
// the step.
void Watchdog::Look() {
  std::unique_lock<std::mutex> lock(mutex_);
  while (!ended_changed_.wait_for(lock, std::chrono::seconds(1), [this] { return ended_; })) {
    if (deadlines_.empty() || Clock::now() < *deadlines_.begin()) continue;
    has_bitten_ = true;
    lock.unlock();
    bite_();
    return;
  }
}

}  // namespace magenta_serving
