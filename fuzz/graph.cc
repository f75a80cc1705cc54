// Metagraphs of bundles, which the native engine compiles with the demo model's checkpoint.
#include <cstdint>

#include "servable/bundle/bundle.h"
#include "servable/rnn/graph_compiler.h"
#include "servable/rnn/graph_signature.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static auto& bundle =
      *new magenta_serving::Bundle(magenta_serving::ReadBundle("demo/models/melody/1").value());
  if (!bundle.metagraph.ParseFromArray(data, static_cast<int>(size))) return 0;
  (void)magenta_serving::ReadGraphSignature(bundle.metagraph);
  (void)magenta_serving::SoftmaxTensors(bundle.metagraph);
  (void)magenta_serving::CompileEventRnn(bundle);
  (void)magenta_serving::CompileRnnNade(bundle);
  return 0;
}
