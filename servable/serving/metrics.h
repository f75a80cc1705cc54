// Counts of what a model does, for TensorFlow's monitoring: tensorflow_model_server shows them on
// its Prometheus page.
//
//   /magenta_serving/request_count    model, family, signature, code    requests, by outcome
//   /magenta_serving/sequence_count   model, family                     sequences generated
//   /magenta_serving/step_count       model, family                     steps of the network
//   /magenta_serving/request_latency  model, family, signature          microseconds
#ifndef MAGENTA_SERVING_SERVING_METRICS_H_
#define MAGENTA_SERVING_SERVING_METRICS_H_

#include <string>

#include "absl/status/status.h"
#include "servable/generation/call_context.h"

namespace magenta_serving {

// How a request to a model ended.
struct RequestRecord {
  std::string signature;
  absl::StatusCode code;
  Usage usage;
  double seconds;
};

// The counts of one model. Thread-safe.
class ModelMetrics {
 public:
  ModelMetrics(const std::string& model, const std::string& family)
      : model_(model), family_(family) {}

  void Count(const RequestRecord& record) const;

 private:
  const std::string model_;
  const std::string family_;
};

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_SERVING_METRICS_H_
