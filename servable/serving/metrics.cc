#include "servable/serving/metrics.h"

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

void ModelMetrics::Count(const RequestRecord& record) const {
  requests.GetCell(model_, family_, record.signature, absl::StatusCodeToString(record.code))
      ->IncrementBy(1);
  sequences.GetCell(model_, family_)->IncrementBy(record.usage.sequences);
  steps.GetCell(model_, family_)->IncrementBy(record.usage.steps);
  latency.GetCell(model_, family_, record.signature)->Add(record.seconds * 1e6);
}

}  // namespace magenta_serving
