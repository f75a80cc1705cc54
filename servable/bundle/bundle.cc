#include "servable/bundle/bundle.h"

#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include "note_seq/protobuf/generator.pb.h"
#include "servable/base/status.h"
#include "servable/bundle/graph_vetting.h"
#include "servable/checkpoint/fields.h"

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

// The fields of a GeneratorBundle. Parsing it would copy the large ones, and a file of a gigabyte
// could be made of tiny fields, which take many.
struct Fields {
  ::magenta::GeneratorBundle details;  // of which there are only the small fields
  absl::string_view metagraph;
  absl::string_view checkpoint;
};

absl::StatusOr<Fields> ReadFields(absl::string_view serialized) {
  using ::magenta::GeneratorBundle;
  constexpr size_t kMaxText = 1 << 20;
  constexpr int kMaxFields = 16;
  Fields fields;
  int checkpoints = 0, count = 0;
  bool known = true;
  const auto merge = [&](absl::string_view bytes, google::protobuf::Message* message) {
    known = known && ++count <= kMaxFields && bytes.size() <= kMaxText &&
            message->MergeFromString(std::string(bytes));
  };
  const bool ok = ForEachField(serialized, [&](int field, absl::string_view bytes) {
    switch (field) {
      case GeneratorBundle::kGeneratorDetailsFieldNumber:
        return merge(bytes, fields.details.mutable_generator_details());
      case GeneratorBundle::kBundleDetailsFieldNumber:
        return merge(bytes, fields.details.mutable_bundle_details());
      case GeneratorBundle::kCheckpointFileFieldNumber:
        fields.checkpoint = bytes;
        ++checkpoints;
        return;
      case GeneratorBundle::kMetagraphFileFieldNumber:
        fields.metagraph = bytes;
        return;
      default:
        known = false;
    }
  });
  if (!ok || !known) return MagentaError(kParseError, "not a serialized GeneratorBundle");
  if (checkpoints != 1) {
    return MagentaError(
        kParseError, absl::StrCat("a bundle has one checkpoint file; this one has ", checkpoints));
  }
  if (fields.details.generator_details().id().empty())
    return MagentaError(kParseError, "the bundle has no generator id");
  if (fields.checkpoint.empty())
    return MagentaError(kParseError, "the bundle's checkpoint file is empty");
  return fields;
}

}  // namespace

absl::StatusOr<Bundle> ParseBundle(std::string serialized) {
  Bundle bundle;
  bundle.serialized = std::make_shared<const std::string>(std::move(serialized));
  MS_ASSIGN_OR_RETURN(Fields fields, ReadFields(*bundle.serialized));
  bundle.generator_id = fields.details.generator_details().id();
  bundle.generator_description = fields.details.generator_details().description();
  bundle.bundle_description = fields.details.bundle_details().description();
  bundle.checkpoint_file = fields.checkpoint;
  MS_ASSIGN_OR_RETURN(bundle.metagraph, ParseMetagraph(fields.metagraph));
  MS_ASSIGN_OR_RETURN(bundle.checkpoint, Checkpoint::Open(bundle.checkpoint_file));
  MS_RETURN_IF_ERROR(VetGraph(bundle.checkpoint, &bundle.metagraph));
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
  MS_ASSIGN_OR_RETURN(std::string serialized, ReadFile(file));
  absl::StatusOr<Bundle> bundle = ParseBundle(std::move(serialized));
  if (!bundle.ok()) return Annotate(bundle.status(), file);
  return bundle;
}

}  // namespace magenta_serving
