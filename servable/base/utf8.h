// Text for those who expect UTF-8.
#ifndef MAGENTA_SERVING_BASE_UTF8_H_
#define MAGENTA_SERVING_BASE_UTF8_H_

#include <string>

#include "absl/strings/string_view.h"

namespace magenta_serving {

// `text` with U+FFFD in place of each byte that is not part of a well-formed UTF-8 sequence
// (Unicode 15, table 3-7).
std::string ReplaceInvalidUtf8(absl::string_view text);

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_BASE_UTF8_H_
