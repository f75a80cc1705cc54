// Bodies of REST requests, as tensorflow_model_server's platform completes them.
#include <cstdint>
#include <cstdlib>

#include "servable/serving/json_defaults.h"
#include "servable/serving/servable.h"

namespace magenta_serving {
namespace {

using Signatures = google::protobuf::Map<std::string, tensorflow::SignatureDef>;

const Signatures& DemoSignatures() {
  static const Signatures* signatures = [] {
    ServableOptions options;
    options.self_check = false;
    auto* made = new Signatures;
    const auto servable = MagentaServable::Load("demo/models/melody/1", options).value();
    for (const auto& [name, signature] : servable->signatures())
      (*made)[name] = ToSignatureDef(signature);
    return made;
  }();
  return *signatures;
}

void Complete(absl::string_view body) {
  const absl::StatusOr<std::string> completed = AddJsonDefaults(body, DemoSignatures());
  if (!completed.ok() || completed->empty()) return;
  // Nothing is left to add.
  const absl::StatusOr<std::string> again = AddJsonDefaults(*completed, DemoSignatures());
  if (!again.ok() || !again->empty()) std::abort();
}

}  // namespace
}  // namespace magenta_serving

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  magenta_serving::Complete({reinterpret_cast<const char*>(data), size});
  return 0;
}
