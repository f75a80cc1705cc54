#include "servable/bundle/bundle.h"

#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include "note_seq/protobuf/generator.pb.h"
#include "servable/base/status.h"

namespace magenta_serving {
namespace {

constexpr char kParseError[] = "GeneratorBundleParseError";

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  if (error)
    return absl::NotFoundError(absl::StrCat("cannot read bundle ", path, ": ", error.message()));
  if (size > static_cast<uintmax_t>(kMaxBundleBytes)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "bundle ", path, " has ", size, " bytes; at most ", kMaxBundleBytes, " are supported"));
  }
  std::ifstream file(path, std::ios::binary);
  std::string bytes(size, '\0');
  if (!file.read(bytes.data(), static_cast<std::streamsize>(size))) {
    return absl::NotFoundError(absl::StrCat("cannot read bundle ", path));
  }
  return bytes;
}

}  // namespace

absl::StatusOr<Bundle> ParseBundle(absl::string_view serialized) {
  ::magenta::GeneratorBundle proto;
  if (!proto.ParseFromArray(serialized.data(), static_cast<int>(serialized.size()))) {
    return MagentaError(kParseError, "not a serialized GeneratorBundle");
  }
  Bundle bundle;
  bundle.bytes = static_cast<int64_t>(serialized.size());
  bundle.generator_id = proto.generator_details().id();
  bundle.generator_description = proto.generator_details().description();
  bundle.bundle_description = proto.bundle_details().description();
  if (bundle.generator_id.empty())
    return MagentaError(kParseError, "the bundle has no generator id");
  if (proto.checkpoint_file_size() != 1 || proto.checkpoint_file(0).empty()) {
    return MagentaError(kParseError,
                        absl::StrCat("a bundle has one checkpoint file; this one has ",
                                     proto.checkpoint_file_size(),
                                     proto.checkpoint_file_size() == 1 ? ", which is empty" : ""));
  }
  if (proto.metagraph_file().empty() || !bundle.metagraph.ParseFromString(proto.metagraph_file())) {
    return MagentaError(kParseError,
                        "the bundle's metagraph is missing or not a serialized MetaGraphDef");
  }
  bundle.checkpoint = std::move(*proto.mutable_checkpoint_file(0));
  return bundle;
}

absl::StatusOr<std::string> ResolveBundlePath(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_directory(path, error)) return path;
  std::string found;
  int count = 0;
  // The range-based form would throw when a directory vanishes under it.
  for (std::filesystem::directory_iterator entry(path, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().extension() == ".mag") {
      found = entry->path().string();
      ++count;
    }
  }
  if (error) return absl::NotFoundError(absl::StrCat("cannot list ", path, ": ", error.message()));
  if (count == 0) return absl::NotFoundError(absl::StrCat("no .mag file in ", path));
  if (count > 1) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, " holds ", count, " .mag files; a version directory holds exactly one"));
  }
  return found;
}

absl::StatusOr<Bundle> ReadBundle(const std::string& path) {
  MS_ASSIGN_OR_RETURN(const std::string file, ResolveBundlePath(path));
  MS_ASSIGN_OR_RETURN(const std::string serialized, ReadFile(file));
  absl::StatusOr<Bundle> bundle = ParseBundle(serialized);
  if (!bundle.ok()) return Annotate(bundle.status(), file);
  return bundle;
}

}  // namespace magenta_serving
