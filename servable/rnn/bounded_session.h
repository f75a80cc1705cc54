// A TensorFlow session that can take no more than a given amount of memory and time.
//
// What operations a bundle's graph has is checked before it gets here (bundle/graph_vetting.h), but
// not what they do: a few constants can ask for gigabytes, a loop need not end.
#ifndef MAGENTA_SERVING_RNN_BOUNDED_SESSION_H_
#define MAGENTA_SERVING_RNN_BOUNDED_SESSION_H_

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "servable/rnn/limited_allocator.h"
#include "servable/rnn/watchdog.h"
#include "tensorflow/core/framework/tensor.h"
#include "tensorflow/core/public/session.h"

namespace magenta_serving {

// Thread-safe. The methods are those of tensorflow::Session. A run that wants more memory than
// there is fails with RESOURCE_EXHAUSTED. One that takes more than its time fails with
// DEADLINE_EXCEEDED and ends the session: every further run fails alike.
class BoundedSession {
 public:
  // All tensors of the session have `max_bytes` together.
  BoundedSession(const tensorflow::SessionOptions& options, size_t max_bytes);
  ~BoundedSession();

  void set_max_bytes(size_t max_bytes) { allocator_->set_limit(max_bytes); }

  absl::Status Create(const tensorflow::GraphDef& graph);
  absl::Status Run(const std::vector<std::pair<std::string, tensorflow::Tensor>>& feeds,
                   const std::vector<std::string>& fetches,
                   const std::vector<std::string>& targets,
                   std::vector<tensorflow::Tensor>* outputs, std::chrono::seconds limit);
  absl::Status MakeCallable(const tensorflow::CallableOptions& options,
                            tensorflow::Session::CallableHandle* handle);
  absl::Status RunCallable(tensorflow::Session::CallableHandle handle,
                           const std::vector<tensorflow::Tensor>& feeds,
                           std::vector<tensorflow::Tensor>* outputs, std::chrono::seconds limit);

 private:
  // Ends all runs.
  void End();

  // Says which bound a run failed for, if it did.
  absl::Status Explained(const absl::Status& status, std::chrono::seconds limit) const;

  LimitedAllocator* const allocator_;
  std::unique_ptr<tensorflow::Session> session_;
  std::unique_ptr<Watchdog> watchdog_;
};

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_RNN_BOUNDED_SESSION_H_
