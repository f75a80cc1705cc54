#include "servable/serving/metrics.h"

#include <chrono>

#include "tensorflow/core/lib/monitoring/counter.h"
#include "tensorflow/core/lib/monitoring/sampler.h"

namespace magenta_serving {
namespace {

namespace monitoring = tensorflow::monitoring;

auto& requests = *monitoring::Counter<4>::New("/magenta_serving/request_count",
                                              "Requests to Magenta bundles, by outcome.", "model",
                                              "family", "signature", "code");
auto& sequences = *monitoring::Counter<2>::New("/magenta_serving/sequence_count",
                                               "Sequences generated.", "model", "family");
auto& steps = *monitoring::Counter<2>::New("/magenta_serving/step_count",
                                           "Steps of the network for generated sequences.", "model",
                                           "family");
// From 0.1 ms in steps of factor 1.8 to about 15 minutes.
auto& latency = *monitoring::Sampler<3>::New(
    {"/magenta_serving/request_latency", "Microseconds that requests took.", "model", "family",
     "signature"},
    monitoring::Buckets::Exponential(100, 1.8, 28));

}  // namespace

absl::StatusOr<TensorMap> ModelMetrics::Predict(const MagentaServable& servable,
                                                const PredictCall& call,
                                                Deadline deadline,
                                                const Cancellation* cancellation) const {
  const auto start = std::chrono::steady_clock::now();
  Usage usage;
  absl::StatusOr<TensorMap> outputs =
      servable.Predict(call.signature, call.inputs, call.outputs, deadline, cancellation, &usage);
  requests
      .GetCell(model_, family_, call.signature, absl::StatusCodeToString(outputs.status().code()))
      ->IncrementBy(1);
  sequences.GetCell(model_, family_)->IncrementBy(usage.sequences);
  steps.GetCell(model_, family_)->IncrementBy(usage.steps);
  latency.GetCell(model_, family_, call.signature)
      ->Add(std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start)
                .count());
  return outputs;
}

}  // namespace magenta_serving
