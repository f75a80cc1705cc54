// Whole Predict requests to the demo model. A request is written as a SignatureDef, which has a
// place for all that it holds: the signature's name in method_name, input tensors in defaults, the
// names of wanted outputs in outputs.
#include <cstdint>

#include "servable/serving/servable.h"

namespace magenta_serving {
namespace {

const MagentaServable& Demo() {
  static const MagentaServable* servable = [] {
    ServableOptions options;
    options.self_check = false;
    options.limits.max_steps = 32;
    options.limits.max_events = 128;
    options.limits.max_outputs = 4;
    options.limits.max_beams = 4;
    options.limits.max_primer_bytes = 4096;
    return MagentaServable::Load("demo/models/melody/1", options).value().release();
  }();
  return *servable;
}

void Predict(const tensorflow::SignatureDef& request) {
  TensorMap inputs;
  for (const auto& [name, proto] : request.defaults()) {
    // As servers do.
    tensorflow::Tensor tensor;
    if (!tensor.FromProto(proto)) return;
    inputs[name] = tensor;
  }
  std::vector<std::string> outputs;
  for (const auto& [name, unused] : request.outputs()) outputs.push_back(name);
  (void)Demo().Predict(request.method_name(), inputs, outputs);
}

}  // namespace
}  // namespace magenta_serving

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  tensorflow::SignatureDef request;
  if (request.ParseFromArray(data, static_cast<int>(size))) magenta_serving::Predict(request);
  return 0;
}
