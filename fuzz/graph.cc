// Metagraphs of bundles, which the native engine compiles with the checkpoint of a tiny network.
#include <cstdint>

#include "servable/bundle/bundle.h"
#include "servable/rnn/graph_compiler.h"
#include "servable/rnn/graph_signature.h"

namespace magenta_serving {
namespace {

const Bundle& BundleWithoutGraph() {
  static const auto& bundle = *[] {
    auto* made = new Bundle(ReadBundle("fuzz/corpus/bundle/seed_lookback").value());
    made->metagraph.Clear();
    return made;
  }();
  return bundle;
}

void Compile(const uint8_t* data, size_t size) {
  Bundle bundle = BundleWithoutGraph();
  if (!bundle.metagraph.ParseFromArray(data, static_cast<int>(size))) return;
  (void)ReadGraphSignature(bundle.metagraph);
  (void)SoftmaxTensors(bundle.metagraph);
  (void)CompileEventRnn(bundle);
  (void)CompileRnnNade(bundle);
}

}  // namespace
}  // namespace magenta_serving

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  magenta_serving::Compile(data, size);
  return 0;
}
