// Threads that help one other thread with parts of its work, for parts of some microseconds.
//
// A large network's step reads more weights than one core can read in the time. Its layers are
// parts that need nothing of one another; who computes a part does not change it.
#ifndef MAGENTA_SERVING_NETWORK_TEAM_H_
#define MAGENTA_SERVING_NETWORK_TEAM_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace magenta_serving {

class Team {
 public:
  // `helpers` threads beside the one that calls Run. They sleep when there has been nothing to do
  // for some ten microseconds.
  explicit Team(int helpers);
  ~Team();

  // Calls work(0) to work(count - 1), each once, on this thread and on those helpers that are
  // awake; returns when all have returned. `count` is at most kMaxParts. Not from two threads at
  // the same time.
  void Run(int count, const std::function<void(int)>& work);

  static constexpr int kMaxParts = (1 << 16) - 1;

 private:
  void Help();
  bool TakePart();
  bool HasPart() const;

  // The round in the upper half, then the number of parts and the next of them: a part is taken by
  // counting up, which fails when the round is over.
  std::atomic<uint64_t> ticket_{0};
  std::atomic<const std::function<void(int)>*> work_{nullptr};
  std::atomic<int> done_{0};
  std::atomic<int> asleep_{0};
  std::atomic<bool> ends_{false};
  absl::Mutex mutex_;
  absl::CondVar wake_;
  std::vector<std::thread> helpers_;
};

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_NETWORK_TEAM_H_
