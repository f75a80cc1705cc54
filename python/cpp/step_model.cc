// The engines for Python: single runs of a bundle's network.
#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "conversions.h"
#include "encoder.h"
#include "loaded_network.h"
#include "pybind11/numpy.h"
#include "pybind11/pybind11.h"
#include "pybind11/stl.h"
#include "servable/bundle/bundle.h"
#include "servable/rnn/engine.h"

namespace py = pybind11;

namespace magenta_serving {
namespace {

LoadedStepModel MakeStepModel(const std::string& path, const std::string& engine, int threads) {
  return LoadNetwork(&LoadStepModel, path, engine, threads);
}

double Difference(const std::string& path, bool is_nade, int num_steps, uint32_t seed,
                  int threads) {
  const Bundle bundle = ValueOrRaise(ReadBundle(path));
  return ValueOrRaise(DifferenceFromGraph(bundle, is_nade, num_steps, seed, threads));
}

// inputs [rows, steps, input_size], state [rows, state_size] or None for the initial one -> softmax
// [rows, steps, classes], state.
std::pair<Floats, Floats> Step(const LoadedStepModel& loaded, const Floats& inputs,
                               const std::optional<Floats>& state, float temperature) {
  const StepModel& model = *loaded.model;
  const StepShape& shape = model.shape();
  if (inputs.ndim() != 3 || inputs.shape(2) != shape.input_size) {
    Raise(absl::InvalidArgumentError("inputs must have the shape [rows, steps, input_size]"));
  }
  const py::ssize_t rows = inputs.shape(0), steps = inputs.shape(1);
  if (state.has_value() &&
      (state->ndim() != 2 || state->shape(0) != rows || state->shape(1) != shape.state_size)) {
    Raise(absl::InvalidArgumentError("state must have the shape [rows, state_size]"));
  }
  Floats softmax({rows, steps, static_cast<py::ssize_t>(shape.num_classes)});
  Floats next({rows, static_cast<py::ssize_t>(shape.state_size)});
  std::vector<StepRow> step_rows;
  for (py::ssize_t row = 0; row < rows; ++row) {
    const float* before = state.has_value() ? state->data(row, 0) : model.initial_state().data();
    std::copy_n(before, shape.state_size, next.mutable_data(row, 0));
    step_rows.push_back(
        {absl::MakeConstSpan(inputs.data(row, 0, 0), steps * shape.input_size),
         absl::MakeSpan(next.mutable_data(row, 0), shape.state_size),
         absl::MakeSpan(softmax.mutable_data(row, 0, 0), steps * shape.num_classes)});
  }
  absl::Status status;
  {
    py::gil_scoped_release release;
    status = model.Step(step_rows, static_cast<int>(steps), temperature);
  }
  if (!status.ok()) Raise(status);
  return {softmax, next};
}

}  // namespace

void BindStepModel(py::module_ module) {
  module.def("step_model", &MakeStepModel, py::arg("path"), py::arg("engine") = "tensorflow",
             py::arg("threads") = kDefaultThreads);
  module.def("difference_from_graph", &Difference, py::arg("path"), py::arg("is_nade"),
             py::arg("num_steps"), py::arg("seed"), py::arg("threads") = kDefaultThreads,
             "DifferenceFromGraph of servable/rnn/engine.h.");
  py::class_<LoadedStepModel>(module, "StepModel")
      .def_property_readonly(
          "batch_size",
          [](const LoadedStepModel& loaded) { return loaded.model->shape().batch_size; })
      .def_property_readonly(
          "input_size",
          [](const LoadedStepModel& loaded) { return loaded.model->shape().input_size; })
      .def_property_readonly(
          "num_classes",
          [](const LoadedStepModel& loaded) { return loaded.model->shape().num_classes; })
      .def_property_readonly(
          "state_size",
          [](const LoadedStepModel& loaded) { return loaded.model->shape().state_size; })
      .def("state_from_graph",
           py::overload_cast<const LoadedStepModel&, const Floats&>(&StateFromGraph),
           py::arg("state"))
      .def("step", &Step, py::arg("inputs"), py::arg("state") = py::none(),
           py::arg("temperature") = 1.0f);
}

}  // namespace magenta_serving
