#include "encoder.h"

#include <string>

namespace py = pybind11;

namespace magenta_serving {

void CheckArguments(const py::args& args, size_t count) {
  if (args.size() == count) return;
  throw py::type_error("events_to_input takes " + std::to_string(count) + " arguments, not " +
                       std::to_string(args.size()));
}

void BindEncoder(py::module_ module) {
  py::class_<Encoder>(module, "Encoder")
      .def_readonly("input_size", &Encoder::input_size)
      .def_readonly("num_classes", &Encoder::num_classes)
      .def_readonly("default_event_label", &Encoder::default_event_label)
      .def("events_to_input", [](const Encoder& encoder,
                                 const py::args& args) { return encoder.events_to_input(args); })
      .def("events_to_label",
           [](const Encoder& encoder, py::handle events, int position) {
             return encoder.events_to_label(events, position);
           })
      .def("class_index_to_event",
           [](const Encoder& encoder, py::handle class_index, py::handle events) {
             return encoder.class_index_to_event(class_index, events);
           });
}

}  // namespace magenta_serving
