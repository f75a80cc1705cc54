// Magenta bundles (`.mag` files): a serialized GeneratorBundle with a TF1 metagraph and one V1
// checkpoint. Reproduces magenta/models/shared/sequence_generator_bundle.py and the checks of
// sequence_generator.py.
#ifndef MAGENTA_SERVING_BUNDLE_BUNDLE_H_
#define MAGENTA_SERVING_BUNDLE_BUNDLE_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "tensorflow/core/protobuf/meta_graph.pb.h"

namespace magenta_serving {

// The largest bundle that is read: far above what Magenta writes (25 MB), below protobuf's own
// limit of 2 GiB.
inline constexpr int64_t kMaxBundleBytes = int64_t{1} << 30;

struct Bundle {
  std::string generator_id;           // which config trained it: "attention_rnn"
  std::string generator_description;  // may be empty
  std::string bundle_description;     // may be empty
  tensorflow::MetaGraphDef metagraph;
  std::string checkpoint;  // the bytes of a V1 checkpoint file
  int64_t bytes = 0;       // size of the serialized bundle
};

// Parses a serialized GeneratorBundle. INVALID_ARGUMENT ("GeneratorBundleParseError: ...") when
// `serialized` is not one or lacks the id, the checkpoint or the metagraph.
absl::StatusOr<Bundle> ParseBundle(absl::string_view serialized);

// Reads the bundle at `path`: a file, or a version directory with exactly one `*.mag` file in it.
// NOT_FOUND when there is none, INVALID_ARGUMENT as ParseBundle or for a file over kMaxBundleBytes.
absl::StatusOr<Bundle> ReadBundle(const std::string& path);

// The bundle file that `path` stands for: itself, or the only `*.mag` file in that directory.
absl::StatusOr<std::string> ResolveBundlePath(const std::string& path);

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_BUNDLE_BUNDLE_H_
