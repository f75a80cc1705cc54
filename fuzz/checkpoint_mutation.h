// Mutates checkpoints so that their checksums fit: nothing else in a table whose bytes are mutated
// is ever read.
#ifndef MAGENTA_SERVING_FUZZ_CHECKPOINT_MUTATION_H_
#define MAGENTA_SERVING_FUZZ_CHECKPOINT_MUTATION_H_

#include <algorithm>
#include <map>
#include <string>

#include "fuzz/mutation.h"
#include "servable/checkpoint/table.h"
#include "tensorflow/core/lib/core/coding.h"
#include "tensorflow/core/lib/hash/crc32c.h"
#include "xla/tsl/lib/io/table_builder.h"
#include "xla/tsl/lib/io/table_options.h"
#include "xla/tsl/platform/file_system.h"

namespace magenta_serving {

class StringFile : public tsl::WritableFile {
 public:
  absl::Status Append(absl::string_view data) override {
    contents.append(data.data(), data.size());
    return absl::OkStatus();
  }
  absl::Status Close() override { return absl::OkStatus(); }
  absl::Status Flush() override { return absl::OkStatus(); }
  absl::Status Sync() override { return absl::OkStatus(); }

  std::string contents;
};

// As TensorFlow writes them, in blocks of some size.
inline std::string WriteTable(const std::map<std::string, std::string>& entries, Random& random) {
  tsl::table::Options options;
  if (random() % 2 == 0) options.block_size = random() % 64;
  if (random() % 8 != 0) options.compression = tsl::table::kNoCompression;
  StringFile file;
  tsl::table::TableBuilder builder(options, &file);
  for (const auto& [key, value] : entries) builder.Add(key, value);
  (void)builder.Finish();
  return file.contents;
}

// Corrects the checksum of the block whose place begins `handle`, if there is one.
inline absl::string_view MendBlock(absl::string_view handle, std::string* table) {
  uint64_t offset = 0, size = 0;
  if (!tensorflow::core::GetVarint64(&handle, &offset) ||
      !tensorflow::core::GetVarint64(&handle, &size) || offset > table->size() ||
      size > table->size() - offset || table->size() - offset - size < 5) {
    return {};
  }
  char* const block = table->data() + offset;
  const uint32_t checksum = tensorflow::crc32c::Value(block, size + 1);
  tensorflow::core::EncodeFixed32(block + size + 1, tensorflow::crc32c::Mask(checksum));
  return {block, size};
}

// Corrects the checksums of all blocks that can be found.
inline void MendChecksums(std::string* table) {
  constexpr size_t kFooterSize = 48;
  if (table->size() < kFooterSize) return;
  absl::string_view footer = absl::string_view(*table).substr(table->size() - kFooterSize);
  uint64_t unused = 0;
  if (!tensorflow::core::GetVarint64(&footer, &unused) ||
      !tensorflow::core::GetVarint64(&footer, &unused)) {
    return;
  }
  absl::string_view index = MendBlock(footer, table);
  uint32_t shared = 0, unshared = 0, size = 0;
  while (tensorflow::core::GetVarint32(&index, &shared) &&
         tensorflow::core::GetVarint32(&index, &unshared) &&
         tensorflow::core::GetVarint32(&index, &size) && unshared <= index.size() &&
         size <= index.size() - unshared) {
    MendBlock(index.substr(unshared, size), table);
    index.remove_prefix(unshared + size);
  }
}

inline std::string MutateInPlace(std::string bytes, Random& random) {
  if (bytes.empty()) return bytes;
  const size_t begin = random() % bytes.size();
  const size_t size = std::min<size_t>(1 + random() % 8, bytes.size() - begin);
  std::string part = MutateString(bytes.substr(begin, size));
  part.resize(size);
  return bytes.replace(begin, size, part);
}

// Keys and values, whatever they are.
inline void MutateEntries(std::map<std::string, std::string>& entries, Random& random) {
  auto& [key, value] = OneOf(entries, random);
  switch (random() % 8) {
    case 0:
      entries.erase(std::string(key));
      break;
    case 1:
      entries[MutateString(key)] = value;
      break;
    case 2:
      value = std::string(OneOf(entries, random).second);
      break;
    case 3:
      value = MutateInPlace(value, random);
      break;
    default:
      value = MutateString(value);
  }
}

inline std::string MutateCheckpoint(const std::string& bytes, Random& random) {
  std::map<std::string, std::string> entries;
  const absl::Status table =
      ForEachEntry(bytes, [&](absl::string_view key, absl::string_view value) {
        entries.emplace(key, value);
        return absl::OkStatus();
      });
  if (!table.ok() || entries.empty() || random() % 4 == 0) {
    std::string mutated = random() % 4 == 0 ? MutateString(bytes) : MutateInPlace(bytes, random);
    MendChecksums(&mutated);
    return mutated;
  }
  MutateEntries(entries, random);
  return WriteTable(entries, random);
}

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_FUZZ_CHECKPOINT_MUTATION_H_
