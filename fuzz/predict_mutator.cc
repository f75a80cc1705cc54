// Mutates requests input by input.
#include "fuzz/mutation.h"
#include "tensorflow/core/framework/types.pb.h"
#include "tensorflow/core/protobuf/meta_graph.pb.h"

namespace magenta_serving {
namespace {

constexpr const char* kInputs[] = {
    "primer_melody", "primer_midi_bytes", "primer_sequence_bytes", "num_steps",
    "qpm",           "temperature",       "beam_size",             "branch_factor",
    "num_outputs",   "seed",              "steps_per_iteration",   "input_sequence_bytes",
    "melody",        "midi_bytes",        "sequence_bytes",        "generator_options_bytes"};
constexpr const char* kSignatures[] = {"", "generate", "generate_sequence", "score"};
constexpr tensorflow::DataType kTypes[] = {tensorflow::DT_STRING, tensorflow::DT_INT32,
                                           tensorflow::DT_INT64, tensorflow::DT_FLOAT,
                                           tensorflow::DT_BOOL};

int64_t RandomNumber(Random& random) {
  constexpr int64_t kEdges[] = {0, -1, INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN};
  return random() % 4 == 0 ? OneOf(kEdges, random) : random() % 100;
}

void MutateTensor(tensorflow::TensorProto& tensor, Random& random) {
  if (tensor.dtype() == tensorflow::DT_INVALID || random() % 8 == 0)
    tensor.set_dtype(OneOf(kTypes, random));
  if (random() % 8 == 0) {
    tensor.mutable_tensor_shape()->clear_dim();
    for (int i = random() % 3; i > 0; --i)
      tensor.mutable_tensor_shape()->add_dim()->set_size(random() % 4);
  }
  const int64_t number = RandomNumber(random);
  tensor.clear_tensor_content();
  if (tensor.string_val().empty() || random() % 4 == 0) tensor.add_string_val();
  std::string& text = *tensor.mutable_string_val(0);
  text = MutateString(text);
  tensor.clear_int_val();
  tensor.clear_int64_val();
  tensor.clear_float_val();
  tensor.clear_bool_val();
  tensor.add_int_val(static_cast<int32_t>(number));
  tensor.add_int64_val(number);
  tensor.add_float_val(static_cast<float>(number) / 8);
  tensor.add_bool_val(number % 2 != 0);
}

void MutateRequest(tensorflow::SignatureDef& request, Random& random) {
  auto& inputs = *request.mutable_defaults();
  switch (random() % 4) {
    case 0:
      request.set_method_name(OneOf(kSignatures, random));
      break;
    case 1:
      if (!inputs.empty()) inputs.erase(OneOf(inputs, random).first);
      break;
    default:
      MutateTensor(inputs[OneOf(kInputs, random)], random);
  }
}

}  // namespace
}  // namespace magenta_serving

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size,
                                          unsigned int seed) {
  return magenta_serving::MutateMessage(data, size, max_size, seed,
                                        magenta_serving::MutateRequest);
}
