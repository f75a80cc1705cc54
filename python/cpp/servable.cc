// Binds MagentaServable and what its signatures are made of.
#include "servable/serving/servable.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "conversions.h"
#include "pybind11/pybind11.h"
#include "pybind11/stl.h"
#include "servable/checkpoint/fields.h"

namespace py = pybind11;

namespace magenta_serving {
namespace {

struct TensorSpec {
  std::string name;
  std::string dtype;
  py::object shape;  // None: any
  py::object default_value;
  std::string doc;
};

struct SignatureSpecs {
  std::map<std::string, TensorSpec> inputs;
  std::map<std::string, TensorSpec> outputs;
};

SignatureSpecs ToSpecs(const Signature& signature) {
  SignatureSpecs specs;
  for (const ArgumentSpec& input : signature.inputs) {
    const tensorflow::Tensor value = ToTensor(input.default_value);
    specs.inputs[input.name] = {input.name, DtypeName(value.dtype()), py::none(),
                                ToNumpy(value)[py::tuple()], input.doc};
  }
  for (const OutputSpec& output : signature.outputs) {
    specs.outputs[output.name] = {output.name, DtypeName(output.dtype), py::none(), py::none(),
                                  output.doc};
  }
  return specs;
}

std::unique_ptr<MagentaServable> Load(const py::object& path, const std::string& engine,
                                      bool self_check, int threads,
                                      const std::optional<std::map<std::string, int64_t>>& limits) {
  const std::string file = py::module_::import("os").attr("fspath")(path).cast<std::string>();
  const ServableOptions options{engine, self_check, threads,
                                limits.has_value() ? ValueOrRaise(MakeLimits(*limits)) : Limits()};
  absl::StatusOr<std::unique_ptr<MagentaServable>> servable;
  {
    py::gil_scoped_release release;
    servable = MagentaServable::Load(file, options);
  }
  return ValueOrRaise(std::move(servable));
}

py::dict Predict(const MagentaServable& servable, const py::dict& inputs,
                 const std::string& signature,
                 const std::optional<std::vector<std::string>>& outputs,
                 std::optional<double> timeout, const Cancellation* cancellation, Usage* usage) {
  const auto found = servable.signatures().find(signature.empty() ? kDefaultSignature : signature);
  TensorMap tensors;
  for (const auto& [key, value] : inputs) {
    const std::string name = py::str(key);
    tensorflow::DataType dtype = tensorflow::DT_INVALID;
    if (found != servable.signatures().end()) {
      for (const ArgumentSpec& input : found->second.inputs) {
        if (input.name == name) dtype = DataTypeOf(input.default_value);
      }
    }
    // An unknown input or signature is the servable's to refuse, whatever the value.
    tensors[name] =
        dtype == tensorflow::DT_INVALID ? tensorflow::Tensor() : ToTensor(name, value, dtype);
  }
  absl::StatusOr<TensorMap> results;
  Usage used;  // `usage` belongs to Python's threads
  {
    py::gil_scoped_release release;
    const Deadline deadline = timeout.has_value() ? DeadlineIn(*timeout) : kNoDeadline;
    results = servable.Predict(signature, tensors, outputs.value_or(std::vector<std::string>()),
                               deadline, cancellation, &used);
  }
  if (usage != nullptr) usage->Add(used);
  py::dict arrays;
  for (const auto& [name, tensor] : ValueOrRaise(std::move(results)))
    arrays[py::str(name)] = ToNumpy(tensor);
  return arrays;
}

py::dict Info(const MagentaServable& servable) {
  const BundleInfo& info = servable.info();
  py::dict dict;
  dict["path"] = info.path;
  dict["bytes"] = info.bytes;
  dict["generator_id"] = info.generator_id;
  dict["config"] = info.config;
  dict["family"] = info.family;
  dict["description"] = info.description;
  dict["bundle_description"] = info.bundle_description;
  dict["tensorflow_version"] = info.tensorflow_version;
  dict["engine"] = info.engine;
  dict["not_native"] = info.not_native;
  dict["batch_size"] = info.batch_size;
  dict["input_size"] = info.input_size;
  dict["num_classes"] = info.num_classes;
  dict["state_sizes"] = info.state_sizes;
  dict["layers"] = info.layers;
  dict["attention_length"] = info.attention_length;
  dict["parameters"] = info.parameters;
  for (const auto& [name, value] : info.config_values) dict[py::str(name)] = value;
  return dict;
}

}  // namespace

void BindServable(py::module_& module) {
  module.def("count_parts", [](const py::bytes& message) {
               return CountParts(static_cast<std::string_view>(message));
             }, py::arg("message"),
             "How many strings, messages and packed numbers are in a serialized message, one in "
             "another at most 32 times.");
  py::class_<TensorSpec>(module, "TensorSpec", "One input or output of a signature.")
      .def_readonly("name", &TensorSpec::name)
      .def_readonly("dtype", &TensorSpec::dtype, "'string', 'int32', 'int64', 'float32' or 'bool'.")
      .def_readonly("shape", &TensorSpec::shape,
                    "Always None: a scalar, or with a batch dimension.")
      .def_readonly("default", &TensorSpec::default_value,
                    "What counts when the input is left out; None for outputs.")
      .def_readonly("doc", &TensorSpec::doc);
  py::class_<SignatureSpecs>(module, "Signature",
                             "The inputs and outputs of one way to call a servable, by name.")
      .def_readonly("inputs", &SignatureSpecs::inputs)
      .def_readonly("outputs", &SignatureSpecs::outputs);

  py::class_<Cancellation>(module, "Cancellation",
                           "Stops a call of Servable.predict from another thread. Thread-safe.")
      .def(py::init<>())
      .def("cancel", &Cancellation::Cancel, "Says that nobody waits for the answer any more.");

  py::class_<Usage>(module, "Usage", "What calls of Servable.predict did.")
      .def(py::init<>())
      .def_readonly("sequences", &Usage::sequences, "Sequences generated.")
      .def_readonly("steps", &Usage::steps, "Steps of the network for them.");

  py::class_<MagentaServable>(module, "Servable", "A loaded Magenta bundle. Thread-safe.")
      .def_static("load", &Load, py::arg("path"), py::kw_only(), py::arg("engine") = "native",
                  py::arg("self_check") = true, py::arg("threads") = kDefaultThreads,
                  py::arg("limits") = py::none(),
                  R"(Loads a bundle.

Args:
  path: a .mag file, or a version directory that holds exactly one.
  engine: what runs the network: "native", the servable's own kernels, or "tensorflow", the bundle's
    own graph. A bundle that the native engine does not understand runs as with "tensorflow";
    `info["engine"]` tells.
  self_check: whether a native network is compared with the bundle's graph when it is loaded.
  threads: that compute at one time. For "tensorflow" it is the size of TensorFlow's pool, which the
    first load of a process sets for all. Two or more are what Magenta has on machines of two cores
    or more; with one, the last bits may differ for large layers.
  limits: bounds on requests: max_steps, max_performance_steps (of 10 ms), max_events (that the
    network is run over for one sequence), max_outputs, max_beams (beam_size x branch_factor),
    max_primer_bytes, max_in_flight (sequences of all requests); None for the defaults.

Raises:
  magenta_serving.errors.ServableError: the subclass of the error's code.)")
      .def("predict", &Predict, py::arg("inputs"), py::arg("signature") = kDefaultSignature,
           py::arg("outputs") = py::none(), py::arg("timeout") = py::none(),
           py::arg("cancellation") = py::none(), py::arg("usage") = py::none(),
           R"(Runs a signature and returns its outputs as numpy arrays.

Args:
  inputs: name -> what numpy makes an array of; strings as bytes or str. Inputs left out have
    their defaults. Scalars, or one value for each row of a batch.
  signature: a key of `signatures`.
  outputs: names of the outputs to compute; None for all.
  timeout: seconds after which DeadlineExceededError is raised between two steps; None for no bound.
  cancellation: a Cancellation; once another thread cancels it, CancelledError is raised between two
    steps.
  usage: a Usage to which what this call did is added, also when it fails.

Returns:
  name -> array. Strings come as object arrays of bytes. A batch of rows puts a dimension before
  the output's own.)")
      .def_property_readonly("signatures",
                             [](const MagentaServable& servable) {
                               std::map<std::string, SignatureSpecs> specs;
                               for (const auto& [name, signature] : servable.signatures())
                                 specs[name] = ToSpecs(signature);
                               return specs;
                             })
      .def_property_readonly(
          "signature_defs",
          [](const MagentaServable& servable) {
            py::dict defs;
            for (const auto& [name, signature] : servable.signatures()) {
              defs[py::str(name)] = py::bytes(ToSignatureDef(signature).SerializeAsString());
            }
            return defs;
          },
          "name -> serialized tensorflow.SignatureDef")
      .def_property_readonly("info", &Info,
                             "What the bundle is: generator, layers, vocabulary, era.");
}

}  // namespace magenta_serving
