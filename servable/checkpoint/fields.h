// The fields of a serialized message, without parsing it: a parsed message can take a hundred times
// the memory of its bytes, and these tell beforehand whether it will. Nor are they copied.
#ifndef MAGENTA_SERVING_CHECKPOINT_FIELDS_H_
#define MAGENTA_SERVING_CHECKPOINT_FIELDS_H_

#include <cstdint>
#include <functional>

#include "absl/strings/string_view.h"

namespace magenta_serving {

// Calls `visit` with the number of each field in order, and its bytes if it is a string, a message
// or packed numbers, else a null view. False when `message` is not a serialized message.
bool ForEachField(absl::string_view message,
                  const std::function<void(int field, absl::string_view bytes)>& visit);

// How many strings, messages, groups and packed numbers are in `message`, and in all of them that
// can be messages, one in another at most `nesting` times. Strings that happen to be one count as
// such.
int64_t CountParts(absl::string_view message, int nesting = 32);

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_CHECKPOINT_FIELDS_H_
