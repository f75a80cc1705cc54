// MagentaSession: what TensorFlow Serving's request handlers see of a bundle.
//
// The handlers know SavedModelBundle, which is a tensorflow::Session with the signatures of its
// tensors. This session's tensors are the inputs and outputs of MagentaServable, under the names
// that its signatures give them ("generate/primer_melody:0"), and a Run is a Predict.
#ifndef MAGENTA_SERVING_MODEL_SERVER_MAGENTA_SESSION_H_
#define MAGENTA_SERVING_MODEL_SERVER_MAGENTA_SESSION_H_

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "servable/model_server/request_log.h"
#include "servable/serving/metrics.h"
#include "servable/serving/servable.h"
#include "tensorflow_serving/core/servable_id.h"
#include "tensorflow_serving/servables/tensorflow/serving_session.h"

namespace magenta_serving {

// Thread-safe.
class MagentaSession : public tensorflow::serving::ServingSession {
 public:
  // `id` labels the metrics and, with `log_requests`, the lines of the log.
  MagentaSession(std::unique_ptr<const MagentaServable> servable,
                 const tensorflow::serving::ServableId& id, bool log_requests);

  // Inputs and outputs belong to one signature; errors are those of MagentaServable::Predict.
  // RunOptions.timeout_in_ms, which a gRPC client's deadline becomes, ends a generation between two
  // steps with DEADLINE_EXCEEDED; so does a gRPC client that cancels or goes away, with CANCELLED.
  // There are no target nodes.
  absl::Status Run(const tensorflow::RunOptions& run_options,
                   const std::vector<std::pair<std::string, tensorflow::Tensor>>& inputs,
                   const std::vector<std::string>& output_tensor_names,
                   const std::vector<std::string>& target_node_names,
                   std::vector<tensorflow::Tensor>* outputs,
                   tensorflow::RunMetadata* run_metadata) override;

  absl::Status Run(const tensorflow::RunOptions& run_options,
                   const std::vector<std::pair<std::string, tensorflow::Tensor>>& inputs,
                   const std::vector<std::string>& output_tensor_names,
                   const std::vector<std::string>& target_node_names,
                   std::vector<tensorflow::Tensor>* outputs, tensorflow::RunMetadata* run_metadata,
                   const tensorflow::thread::ThreadPoolOptions& thread_pool_options) override;

  absl::Status Run(const std::vector<std::pair<std::string, tensorflow::Tensor>>& inputs,
                   const std::vector<std::string>& output_tensor_names,
                   const std::vector<std::string>& target_node_names,
                   std::vector<tensorflow::Tensor>* outputs) override;

  absl::Status ListDevices(std::vector<tensorflow::DeviceAttributes>* devices) override;

 private:
  const std::unique_ptr<const MagentaServable> servable_;
  const ModelMetrics metrics_;
  const std::optional<RequestLog> log_;
};

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_MODEL_SERVER_MAGENTA_SESSION_H_
