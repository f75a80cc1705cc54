// Magenta bundles (`.mag` files): a serialized GeneratorBundle with a TF1 metagraph and one V1
// checkpoint. Reproduces magenta/models/shared/sequence_generator_bundle.py and the checks of
// sequence_generator.py.
#ifndef MAGENTA_SERVING_BUNDLE_BUNDLE_H_
#define MAGENTA_SERVING_BUNDLE_BUNDLE_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "servable/checkpoint/checkpoint.h"
#include "tensorflow/core/protobuf/meta_graph.pb.h"

namespace magenta_serving {

// The largest bundle that is read: far above what Magenta writes (25 MB), below protobuf's own
// limit of 2 GiB.
inline constexpr int64_t kMaxBundleBytes = int64_t{1} << 30;

struct Bundle {
  std::shared_ptr<const std::string> serialized;
  std::string generator_id;           // which config trained it: "attention_rnn"
  std::string generator_description;  // may be empty
  std::string bundle_description;     // may be empty
  tensorflow::MetaGraphDef metagraph;  // of whose graph there is what generation needs
  absl::string_view checkpoint_file;   // a V1 checkpoint, in `serialized`
  Checkpoint checkpoint;               // what is in it
};

// Parses a serialized GeneratorBundle and checks that graph and checkpoint are such as Magenta
// makes, before TensorFlow sees them: see graph_vetting.h and checkpoint.h. INVALID_ARGUMENT
// with the reason when they are not; it begins with "GeneratorBundleParseError: " when `serialized`
// is no bundle or lacks the id, the checkpoint or the metagraph.
absl::StatusOr<Bundle> ParseBundle(std::string serialized);

// Reads the bundle at `path`: a file, or a version directory with exactly one `*.mag` file in it.
// NOT_FOUND when there is none, INVALID_ARGUMENT as ParseBundle or for a file over kMaxBundleBytes.
absl::StatusOr<Bundle> ReadBundle(const std::string& path);

// The bundle file that `path` stands for: itself, or the only `*.mag` file in that directory.
absl::StatusOr<std::string> ResolveBundlePath(const std::string& path);

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_BUNDLE_BUNDLE_H_
