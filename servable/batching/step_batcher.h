// Continuous batching: all sequences in flight on a network advance together, join and leave at any
// step.
//
// There are no threads of its own. A caller with sequences drives all that are in flight, step by
// step, until its own are done; callers beyond `max_drivers` leave theirs to the others and sleep.
// So a lone request runs at once on its caller's thread, and among many each step computes many
// rows. Which rows share a step changes no result: see network/kernels.h.
#ifndef MAGENTA_SERVING_BATCHING_STEP_BATCHER_H_
#define MAGENTA_SERVING_BATCHING_STEP_BATCHER_H_

#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/types/span.h"
#include "servable/network/network.h"

namespace magenta_serving {

// Several steps of one sequence. The memory is the caller's.
struct SequenceSteps {
  const float* inputs = nullptr;  // [num_steps, input_size]
  float* state = nullptr;         // [state_size]: read, then replaced by that after the last step
  float* outputs = nullptr;       // [num_steps, output_size]: written
};

struct BatchingOptions {
  int max_drivers = 2;  // threads that compute at the same time, helpers of the team among them
  int max_rows = 128;   // of a step, unless one task alone has more
  int max_in_flight = 1024;  // tasks
};

// Thread-safe.
class StepBatcher {
 public:
  StepBatcher(std::shared_ptr<const Network> network, const BatchingOptions& options);
  ~StepBatcher();

  const Network& network() const { return *network_; }

  // Runs all tasks, each of them in any order and on any thread with all others; returns when they
  // have returned. They must not wait for one another, nor hold a lock while they call Step.
  // RESOURCE_EXHAUSTED when max_in_flight tasks would be exceeded: none is run then. An exception
  // that a task threw is thrown again.
  absl::Status Run(std::vector<std::function<void()>> tasks);

  // Advances sequences by `num_steps` events. Within a task the step is computed together with
  // those of other tasks, elsewhere at once.
  void Step(absl::Span<const SequenceSteps> sequences, int num_steps);

 private:
  struct Request;
  struct Task;

  std::unique_ptr<Task> NewTask();
  void Drive(Request* request);
  std::vector<Task*> TakeShare() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Advance(const std::vector<Task*>& share, std::vector<NetworkRow>* rows, Workspace* workspace,
               Team* team) const;
  void Return(const std::vector<Task*>& share) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::unique_ptr<Workspace> TakeWorkspace() ABSL_LOCKS_EXCLUDED(mutex_);
  void ReturnWorkspace(std::unique_ptr<Workspace> workspace) ABSL_LOCKS_EXCLUDED(mutex_);

  const std::shared_ptr<const Network> network_;
  const BatchingOptions options_;

  absl::Mutex mutex_;
  std::deque<Task*> ready_ ABSL_GUARDED_BY(mutex_);        // in flight and with no driver now
  size_t held_ ABSL_GUARDED_BY(mutex_) = 0;                // in flight and with a driver
  std::deque<Request*> sleeping_ ABSL_GUARDED_BY(mutex_);  // whose callers do not drive
  int in_flight_ ABSL_GUARDED_BY(mutex_) = 0;              // tasks
  int drivers_ ABSL_GUARDED_BY(mutex_) = 0;
  // Helps a driver that is alone; null for small networks.
  std::unique_ptr<Team> team_;
  bool team_is_free_ ABSL_GUARDED_BY(mutex_) = true;
  std::vector<std::unique_ptr<Task>> idle_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::unique_ptr<Workspace>> workspaces_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_BATCHING_STEP_BATCHER_H_
