// A batch scheduler with a pool of its own: a SharedBatchScheduler with one queue. A header that
// TensorFlow's wheel leaves out.
#ifndef TENSORFLOW_CORE_KERNELS_BATCHING_UTIL_BASIC_BATCH_SCHEDULER_H_
#define TENSORFLOW_CORE_KERNELS_BATCHING_UTIL_BASIC_BATCH_SCHEDULER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tensorflow/core/kernels/batching_util/shared_batch_scheduler.h"

namespace tensorflow {
namespace serving {

template <typename TaskType>
class BasicBatchScheduler : public BatchScheduler<TaskType> {
 public:
  using Shared = SharedBatchScheduler<TaskType>;

  struct Options {
    int max_batch_size = 1000;
    int64_t batch_timeout_micros = 0;
    std::string thread_pool_name = "batch_threads";
    int num_batch_threads = port::MaxParallelism();
    int max_enqueued_batches = 10;
    bool enable_large_batch_splitting = false;
    decltype(Shared::QueueOptions::split_input_task_func) split_input_task_func;
    int max_execution_batch_size = 1000;
    Env* env = Env::Default();
  };

  static absl::Status Create(
      const Options& options,
      std::function<void(std::unique_ptr<Batch<TaskType>>)> process_batch_callback,
      std::unique_ptr<BasicBatchScheduler>* scheduler) {
    typename Shared::Options pool;
    pool.thread_pool_name = options.thread_pool_name;
    pool.num_batch_threads = options.num_batch_threads;
    pool.env = options.env;
    std::shared_ptr<Shared> shared;
    absl::Status status = Shared::Create(pool, &shared);
    if (!status.ok()) return status;

    typename Shared::QueueOptions queue_options;
    queue_options.input_batch_size_limit = options.max_batch_size;
    queue_options.batch_timeout_micros = options.batch_timeout_micros;
    queue_options.max_enqueued_batches = options.max_enqueued_batches;
    queue_options.enable_large_batch_splitting = options.enable_large_batch_splitting;
    queue_options.split_input_task_func = options.split_input_task_func;
    queue_options.max_execution_batch_size = options.max_execution_batch_size;
    std::unique_ptr<BatchScheduler<TaskType>> queue;
    status = shared->AddQueue(queue_options, std::move(process_batch_callback), &queue);
    if (status.ok()) scheduler->reset(new BasicBatchScheduler(std::move(queue)));
    return status;
  }

  absl::Status Schedule(std::unique_ptr<TaskType>* task) override { return queue_->Schedule(task); }
  size_t NumEnqueuedTasks() const override { return queue_->NumEnqueuedTasks(); }
  size_t SchedulingCapacity() const override { return queue_->SchedulingCapacity(); }
  size_t max_task_size() const override { return queue_->max_task_size(); }

 private:
  explicit BasicBatchScheduler(std::unique_ptr<BatchScheduler<TaskType>> queue)
      : queue_(std::move(queue)) {}

  // Keeps its SharedBatchScheduler alive.
  std::unique_ptr<BatchScheduler<TaskType>> queue_;
};

}  // namespace serving
}  // namespace tensorflow

#endif  // TENSORFLOW_CORE_KERNELS_BATCHING_UTIL_BASIC_BATCH_SCHEDULER_H_
