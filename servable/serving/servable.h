// MagentaServable: a bundle behind the Predict contract. It knows TensorFlow tensors, but nothing
// of TensorFlow Serving or Python: both servers and the Python module are thin skins over it, so
// that names, defaults, checks and errors are the same everywhere.
//
// Signatures, all inputs optional:
//   generate           A primer and the flags of Magenta's *_generate command -> num_outputs
//                      sequences, of which output i is what Magenta gives after
//                      numpy.random.seed(seed + i). Also called serving_default.
//   generate_sequence  NoteSequence and GeneratorOptions -> NoteSequence, as Magenta's
//                      generator.generate().
//   score              A sequence -> its log-likelihood under the model.
//
// Inputs are scalars, or carry a leading batch dimension [B]; scalars then count for every row.
// With scalars only, outputs have the shapes that their TensorSpec says; with a batch, [B] comes
// before those.
#ifndef MAGENTA_SERVING_SERVING_SERVABLE_H_
#define MAGENTA_SERVING_SERVING_SERVABLE_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "servable/bundle/bundle.h"
#include "servable/generation/call_context.h"
#include "servable/generation/generator.h"
#include "servable/rnn/engine.h"
#include "servable/serving/bundle_info.h"
#include "servable/serving/signatures.h"
#include "tensorflow/core/framework/tensor.h"

namespace magenta_serving {

struct ServableOptions {
  // What runs the network: "native", our own kernels where they are proven to compute what the
  // bundle's graph does, or "tensorflow", the graph itself.
  std::string engine = "native";
  bool self_check = true;         // whether a native network is compared with the graph at load
  int threads = kDefaultThreads;  // that compute, see EngineOptions
  Limits limits;
};

// Bytes of memory that a loaded bundle takes at most, by the size of its file. `path` is as for
// MagentaServable::Load. NOT_FOUND and INVALID_ARGUMENT as there.
absl::StatusOr<int64_t> EstimateRamBytes(const std::string& path);

// INVALID_ARGUMENT for options that make no sense.
absl::Status CheckOptions(const ServableOptions& options);

using TensorMap = std::map<std::string, tensorflow::Tensor>;

// Thread-safe after loading.
class MagentaServable {
 public:
  // Loads the bundle at `path` (see ReadBundle) and runs one step of it. Errors: NOT_FOUND,
  // INVALID_ARGUMENT for a file that is not a Magenta bundle or options that make no sense,
  // UNIMPLEMENTED for a generator id that is not known.
  static absl::StatusOr<std::unique_ptr<MagentaServable>> Load(const std::string& path,
                                                               const ServableOptions& options);

  // Name -> signature, "serving_default" among them.
  const std::map<std::string, Signature>& signatures() const { return signatures_; }

  const BundleInfo& info() const { return info_; }

  // Runs `signature` ("" means serving_default). Only the outputs in `output_filter` are computed;
  // all when it is empty. Stops between two steps with DEADLINE_EXCEEDED after `deadline`, and with
  // CANCELLED when `cancellation`, where given, says so.
  // INVALID_ARGUMENT for unknown inputs or outputs, wrong dtypes or shapes, values out of range,
  // and for what Magenta refuses (see MagentaError); NOT_FOUND for an unknown signature.
  // `usage`, where given, counts what was done, also for a call that fails.
  absl::StatusOr<TensorMap> Predict(const std::string& signature, const TensorMap& inputs,
                                    const std::vector<std::string>& output_filter,
                                    Deadline deadline = kNoDeadline,
                                    const Cancellation* cancellation = nullptr,
                                    Usage* usage = nullptr) const;

 private:
  MagentaServable() = default;

  ServableOptions options_;
  BundleInfo info_;
  std::unique_ptr<Generator> generator_;
  std::shared_ptr<StepBatcher> batcher_;  // null where the engine has none
  std::map<std::string, Signature> signatures_;
};

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_SERVING_SERVABLE_H_
