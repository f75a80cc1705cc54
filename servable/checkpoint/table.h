// Tables of TensorFlow, which have the format of LevelDB's: blocks of entries sorted by key, an
// index of the blocks, and a footer. TensorFlow's reader believes much of what such a file says; here
// nothing is, and what the writer of checkpoints never writes is refused: compressed blocks, gaps.
// Sources: https://github.com/google/leveldb/blob/main/doc/table_format.md, tsl/lib/io/format.cc.
#ifndef MAGENTA_SERVING_CHECKPOINT_TABLE_H_
#define MAGENTA_SERVING_CHECKPOINT_TABLE_H_

#include <functional>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace magenta_serving {

using VisitEntry = std::function<absl::Status(absl::string_view key, absl::string_view value)>;

// Calls `visit` with the entries of a table, by key; the values are in `table`. Returns its first
// error, or INVALID_ARGUMENT with what is wrong with the table, which may come after some entries.
// Takes no memory but that of a key.
absl::Status ForEachEntry(absl::string_view table, const VisitEntry& visit);

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_CHECKPOINT_TABLE_H_
