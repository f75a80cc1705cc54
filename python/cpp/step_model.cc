// The session engine for Python: single runs of a bundle's graph.
#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "conversions.h"
#include "encoder.h"
#include "pybind11/numpy.h"
#include "pybind11/pybind11.h"
#include "pybind11/stl.h"
#include "servable/bundle/bundle.h"
#include "servable/rnn/session_step_model.h"

namespace py = pybind11;

namespace magenta_serving {
namespace {

std::unique_ptr<SessionStepModel> MakeStepModel(const std::string& path, int threads) {
  const Bundle bundle = ValueOrRaise(ReadBundle(path));
  return ValueOrRaise(SessionStepModel::Create(bundle, threads));
}

// inputs [rows, steps, input_size], state [rows, state_size] or None for the initial one -> softmax
// [rows, steps, classes], state.
std::pair<Floats, Floats> Step(const SessionStepModel& model, const Floats& inputs,
                               const std::optional<Floats>& state, float temperature) {
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
  module.def("step_model", &MakeStepModel, py::arg("path"), py::arg("threads") = kDefaultThreads);
  py::class_<SessionStepModel>(module, "StepModel")
      .def_property_readonly("batch_size",
                             [](const SessionStepModel& model) { return model.shape().batch_size; })
      .def_property_readonly("input_size",
                             [](const SessionStepModel& model) { return model.shape().input_size; })
      .def_property_readonly(
          "num_classes", [](const SessionStepModel& model) { return model.shape().num_classes; })
      .def_property_readonly("state_size",
                             [](const SessionStepModel& model) { return model.shape().state_size; })
      .def("step", &Step, py::arg("inputs"), py::arg("state") = py::none(),
           py::arg("temperature") = 1.0f);
}

}  // namespace magenta_serving
