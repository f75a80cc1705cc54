#include "servable/checkpoint/table.h"

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "servable/base/status.h"
#include "servable/checkpoint/crc32c.h"
#include "tensorflow/core/lib/core/coding.h"

namespace magenta_serving {
namespace {

using tensorflow::core::DecodeFixed32;
using tensorflow::core::DecodeFixed64;
using tensorflow::core::GetVarint32;
using tensorflow::core::GetVarint64;

constexpr size_t kFooterSize = 48;
constexpr uint64_t kMagic = 0xdb4775248b80fb57;
constexpr size_t kTrailerSize = 5;  // of a block: its compression and its checksum
constexpr size_t kWord = sizeof(uint32_t);
constexpr size_t kMaxKeySize = 4096;  // some ten times the longest of Magenta's checkpoints

absl::Status Malformed() { return absl::InvalidArgumentError("a block is malformed"); }

absl::Status NotInOrder() { return absl::InvalidArgumentError("its keys are not in order"); }

absl::Status BeyondTheEnd() {
  return absl::InvalidArgumentError("a block reaches beyond its end");
}

struct Handle {
  uint64_t offset = 0;
  uint64_t size = 0;
  uint64_t end() const { return offset + size + kTrailerSize; }
};

bool TakeHandle(absl::string_view* input, Handle* handle) {
  return GetVarint64(input, &handle->offset) && GetVarint64(input, &handle->size);
}

// The contents of the block at `handle`, which must begin where the one before it ended.
absl::StatusOr<absl::string_view> BlockAt(absl::string_view blocks, const Handle& handle,
                                          uint64_t begin) {
  if (handle.offset > blocks.size() || handle.size > blocks.size() - handle.offset ||
      handle.end() > blocks.size()) {
    return BeyondTheEnd();
  }
  if (handle.offset != begin) {
    return absl::InvalidArgumentError(
        absl::StrCat("a block begins at byte ", handle.offset, ", not at ", begin,
                     ", where the one before it ends"));
  }
  const absl::string_view summed = blocks.substr(handle.offset, handle.size + 1);
  if (summed.back() != 0)
    return absl::InvalidArgumentError("a block is compressed; Magenta's are not");
  // The sum is stored turned and with something added, as it may be part of what is summed again.
  const uint32_t stored = DecodeFixed32(summed.data() + summed.size()) - 0xa282ead8u;
  if (Crc32c(summed) != (stored >> 17 | stored << 15)) {
    return absl::InvalidArgumentError(
        absl::StrCat("the checksum of the block at byte ", begin, " is wrong"));
  }
  return summed.substr(0, handle.size);
}

// Calls `visit` with the entries of a block; a key says how much it shares with the one before.
// After them there is where entries begin that share nothing, so that a reader can begin there.
absl::Status ForEachEntryOf(absl::string_view block, const VisitEntry& visit) {
  if (block.size() < kWord) return Malformed();
  const uint64_t num_restarts = DecodeFixed32(block.data() + block.size() - kWord);
  if (num_restarts > block.size() / kWord - 1) return Malformed();
  const size_t end = block.size() - kWord * (num_restarts + 1);
  absl::string_view restarts = block.substr(end, kWord * num_restarts);
  absl::string_view rest = block.substr(0, end);
  std::string key;
  do {
    const size_t offset = end - rest.size();
    const bool is_restart = !restarts.empty() && DecodeFixed32(restarts.data()) == offset;
    if (is_restart) restarts.remove_prefix(kWord);
    if (rest.empty()) break;  // A block without entries has a restart all the same.
    uint32_t shared, added, size;
    if (!GetVarint32(&rest, &shared) || !GetVarint32(&rest, &added) || !GetVarint32(&rest, &size) ||
        shared > (is_restart ? 0 : key.size()) || added > rest.size() ||
        size > rest.size() - added || shared + added > kMaxKeySize) {
      return Malformed();
    }
    key.resize(shared);
    key.append(rest.substr(0, added));
    MS_RETURN_IF_ERROR(visit(key, rest.substr(added, size)));
    rest.remove_prefix(size_t{added} + size);
  } while (!rest.empty());
  return restarts.empty() ? absl::OkStatus() : Malformed();
}

}  // namespace

absl::Status ForEachEntry(absl::string_view table, const VisitEntry& visit) {
  const absl::Status no_table =
      absl::InvalidArgumentError("it is not a V1 checkpoint, or its end is missing");
  if (table.size() < kFooterSize) return no_table;
  absl::string_view footer = table.substr(table.size() - kFooterSize);
  if (DecodeFixed64(footer.data() + kFooterSize - sizeof kMagic) != kMagic) return no_table;
  const absl::string_view blocks = table.substr(0, table.size() - kFooterSize);
  Handle second_index, index;
  if (!TakeHandle(&footer, &second_index) || !TakeHandle(&footer, &index)) return no_table;
  // The index comes last, after another one that TensorFlow leaves empty.
  if (second_index.size > blocks.size()) return BeyondTheEnd();
  MS_ASSIGN_OR_RETURN(const absl::string_view index_block,
                      BlockAt(blocks, index, second_index.end()));
  if (index.end() != blocks.size())
    return absl::InvalidArgumentError("there is something after its index");

  uint64_t end = 0;      // of the blocks so far
  bool is_first = true;  // nothing is before the empty key
  std::string last_key;  // of the entries and the index so far
  const auto visit_entry = [&](absl::string_view key, absl::string_view value) -> absl::Status {
    if (!is_first && key <= last_key) return NotInOrder();
    is_first = false;
    last_key.assign(key.data(), key.size());
    return visit(key, value);
  };
  MS_RETURN_IF_ERROR(ForEachEntryOf(
      index_block, [&](absl::string_view index_key, absl::string_view value) -> absl::Status {
        Handle handle;
        if (!TakeHandle(&value, &handle)) return Malformed();
        MS_ASSIGN_OR_RETURN(const absl::string_view block, BlockAt(blocks, handle, end));
        end = handle.end();
        MS_RETURN_IF_ERROR(ForEachEntryOf(block, visit_entry));
        if (index_key < last_key) return NotInOrder();
        last_key.assign(index_key.data(), index_key.size());
        return absl::OkStatus();
      }));
  return BlockAt(blocks, second_index, end).status();
}

}  // namespace magenta_serving
