// Ends work that takes too long and that nothing else can end.
#ifndef MAGENTA_SERVING_RNN_WATCHDOG_H_
#define MAGENTA_SERVING_RNN_WATCHDOG_H_

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <set>
#include <thread>

namespace magenta_serving {

// Calls a function, once, when one of its watches has lasted longer than it may, give or take a
// second. Thread-safe.
class Watchdog {
 public:
  using Clock = std::chrono::steady_clock;

  explicit Watchdog(std::function<void()> bite);
  ~Watchdog();

  // Whether it has called the function.
  bool has_bitten() const;

  // Work that is watched while this lives.
  class Watch {
   public:
    Watch(Watchdog* watchdog, std::chrono::seconds limit);
    ~Watch();
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

   private:
    Watchdog* const watchdog_;
    std::multiset<Clock::time_point>::iterator deadline_;
  };

 private:
  void Look();

  const std::function<void()> bite_;
  mutable std::mutex mutex_;
  std::condition_variable ended_changed_;
  std::multiset<Clock::time_point> deadlines_;
  bool ended_ = false;
  bool has_bitten_ = false;
  std::thread thread_;  // last: it uses the others
};

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_RNN_WATCHDOG_H_
