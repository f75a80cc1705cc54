// Bundles: what is parsed can be compiled, or is refused.
#include <cstdint>
#include <string>

#include "servable/bundle/bundle.h"
#include "servable/rnn/graph_compiler.h"
#include "servable/rnn/graph_signature.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto bundle = magenta_serving::ParseBundle(
      std::string(reinterpret_cast<const char*>(data), size));
  if (!bundle.ok()) return 0;
  (void)magenta_serving::ReadGraphSignature(bundle->metagraph);
  (void)magenta_serving::CompileEventRnn(*bundle);
  (void)magenta_serving::CompileRnnNade(*bundle);
  return 0;
}
