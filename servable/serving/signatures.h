// The signatures of a servable: which inputs and outputs they have, with types and defaults.
#ifndef MAGENTA_SERVING_SERVING_SIGNATURES_H_
#define MAGENTA_SERVING_SERVING_SIGNATURES_H_

#include <map>
#include <string>
#include <vector>

#include "servable/generation/arguments.h"
#include "servable/generation/generator.h"
#include "tensorflow/core/framework/tensor.h"
#include "tensorflow/core/framework/types.pb.h"
#include "tensorflow/core/protobuf/meta_graph.pb.h"

namespace magenta_serving {

inline constexpr char kDefaultSignature[] = "serving_default";
inline constexpr char kGenerate[] = "generate";
inline constexpr char kGenerateSequence[] = "generate_sequence";
inline constexpr char kScore[] = "score";

struct OutputSpec {
  std::string name;
  tensorflow::DataType dtype;
  int rank;  // without a batch dimension
  std::string doc;
};

struct Signature {
  std::string method;  // the signature that runs: "generate" for serving_default
  std::vector<ArgumentSpec> inputs;
  std::vector<OutputSpec> outputs;
};

// The signatures that a servable on `generator` has.
std::map<std::string, Signature> MakeSignatures(const Generator& generator);

// As GetModelMetadata shows it. The tensor of input or output NAME is called "METHOD/NAME:0";
// shapes are unknown where the batch dimension is optional, and defaults are carried for every
// input.
tensorflow::SignatureDef ToSignatureDef(const Signature& signature);

tensorflow::DataType DataTypeOf(const ArgumentValue& value);

// The scalar tensor of a value.
tensorflow::Tensor ToTensor(const ArgumentValue& value);

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_SERVING_SIGNATURES_H_
