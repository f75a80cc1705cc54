#include "servable/serving/signatures.h"

#include <type_traits>
#include <utility>

#include "servable/serving/tensor_names.h"

namespace magenta_serving {
namespace {

constexpr char kSeedDoc[] = "Seed of the random draws, 0 to 4294967295; -1 draws one.";

Signature GenerateSignature(const Generator& generator) {
  Signature signature{kGenerate, generator.arguments(), {}};
  signature.inputs.push_back(
      {"num_outputs", 1, "How many sequences to generate; output i has the seed seed + i."});
  signature.inputs.push_back({"seed", int64_t{-1}, kSeedDoc});
  signature.outputs = {
      {"sequence_bytes", tensorflow::DT_STRING, 1, "Serialized NoteSequences, primer included."},
      {"midi_bytes", tensorflow::DT_STRING, 1, "The same as Standard MIDI Files."},
      {"sequence_json", tensorflow::DT_STRING, 1,
       "The same in protobuf JSON, which Magenta.js reads."},
      {"log_likelihood", tensorflow::DT_FLOAT, 1,
       "Log-likelihood of each sequence under the model, primer included."},
      {"seed", tensorflow::DT_INT64, 1, "The seed that reproduces each output alone."},
  };
  return signature;
}

Signature GenerateSequenceSignature() {
  return {kGenerateSequence,
          {{"input_sequence_bytes", "", "A serialized NoteSequence."},
           {"generator_options_bytes", "", "Serialized GeneratorOptions."},
           {"seed", int64_t{-1}, kSeedDoc}},
          {{"generated_sequence_bytes", tensorflow::DT_STRING, 0,
            "The generated NoteSequence, serialized."},
           {"log_likelihood", tensorflow::DT_FLOAT, 0, "Its log-likelihood under the model."},
           {"seed", tensorflow::DT_INT64, 0, "The seed that was used."}}};
}

Signature ScoreSignature(const Generator& generator) {
  return {kScore,
          generator.score_arguments(),
          {{"log_likelihood", tensorflow::DT_FLOAT, 0,
            "Log-likelihood of the events after the first one."},
           {"event_log_likelihoods", tensorflow::DT_FLOAT, 1,
            "That of each of these events; shorter rows of a batch are filled with 0."},
           {"num_events", tensorflow::DT_INT32, 0, "How many events event_log_likelihoods has."}}};
}

tensorflow::TensorInfo MakeTensorInfo(const std::string& method, const std::string& name,
                                      tensorflow::DataType dtype) {
  tensorflow::TensorInfo info;
  info.set_name(TensorName(method, name));
  info.set_dtype(dtype);
  info.mutable_tensor_shape()->set_unknown_rank(true);
  return info;
}

}  // namespace

std::map<std::string, Signature> MakeSignatures(const Generator& generator) {
  const Signature generate = GenerateSignature(generator);
  return {{kDefaultSignature, generate},
          {kGenerate, generate},
          {kGenerateSequence, GenerateSequenceSignature()},
          {kScore, ScoreSignature(generator)}};
}

tensorflow::SignatureDef ToSignatureDef(const Signature& signature) {
  tensorflow::SignatureDef def;
  def.set_method_name("tensorflow/serving/predict");
  for (const ArgumentSpec& input : signature.inputs) {
    (*def.mutable_inputs())[input.name] =
        MakeTensorInfo(signature.method, input.name, DataTypeOf(input.default_value));
    ToTensor(input.default_value).AsProtoField(&(*def.mutable_defaults())[input.name]);
  }
  for (const OutputSpec& output : signature.outputs) {
    (*def.mutable_outputs())[output.name] =
        MakeTensorInfo(signature.method, output.name, output.dtype);
  }
  return def;
}

tensorflow::DataType DataTypeOf(const ArgumentValue& value) { return ToTensor(value).dtype(); }

tensorflow::Tensor ToTensor(const ArgumentValue& value) {
  return std::visit(
      [](const auto& v) {
        if constexpr (std::is_same_v<std::decay_t<decltype(v)>, std::string>) {
          tensorflow::Tensor tensor(tensorflow::DT_STRING, tensorflow::TensorShape({}));
          tensor.scalar<tensorflow::tstring>()() = v;
          return tensor;
        } else {
          return tensorflow::Tensor(v);
        }
      },
      value);
}

}  // namespace magenta_serving
