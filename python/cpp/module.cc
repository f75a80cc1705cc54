// magenta_serving._servable: the C++ servable and its stages for Python.
#include "absl/log/globals.h"
#include "google/protobuf/stubs/logging.h"
#include "pybind11/pybind11.h"

namespace magenta_serving {

void BindServable(pybind11::module_& module);
void BindStages(pybind11::module_ module);

}  // namespace magenta_serving

PYBIND11_MODULE(_servable, module) {
  // TensorFlow's notes to its developers are not for those who use a command line; warnings are.
  absl::SetMinLogLevel(absl::LogSeverityAtLeast::kWarning);
  // protobuf prints a line for every message with invalid UTF-8: strangers could fill a log with
  // it.
  google::protobuf::SetLogHandler(nullptr);
  module.doc() = "Magenta's generators in C++. Use magenta_serving.Servable.";
  magenta_serving::BindServable(module);
  magenta_serving::BindStages(
      module.def_submodule("stages", "The steps of a generation, one by one, for tests."));
}
