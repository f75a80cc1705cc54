// Status helpers shared by all rooms. Errors are absl::Status values with the canonical code that a
// gRPC client will see; no exceptions cross a function boundary.
#ifndef MAGENTA_SERVING_BASE_STATUS_H_
#define MAGENTA_SERVING_BASE_STATUS_H_

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

#define MS_CONCAT_INNER_(a, b) a##b
#define MS_CONCAT_(a, b) MS_CONCAT_INNER_(a, b)

#define MS_RETURN_IF_ERROR(expr)             \
  do {                                       \
    ::absl::Status ms_status_ = (expr);      \
    if (!ms_status_.ok()) return ms_status_; \
  } while (false)

#define MS_ASSIGN_OR_RETURN(lhs, expr) \
  MS_ASSIGN_OR_RETURN_IMPL_(MS_CONCAT_(ms_or_, __LINE__), lhs, expr)
#define MS_ASSIGN_OR_RETURN_IMPL_(result, lhs, expr) \
  auto result = (expr);                              \
  if (!result.ok()) return result.status();          \
  lhs = *std::move(result)

namespace magenta_serving {

// An error that Magenta's Python raises for the same request. `kind` is the Python class name, so
// that a client can tell a MultipleTempoError from a NegativeTimeError; the message reads "KIND:
// TEXT".
inline absl::Status MagentaError(absl::string_view kind, absl::string_view text) {
  return absl::InvalidArgumentError(absl::StrCat(kind, ": ", text));
}

// `status` with `context` (an input's name, say) before its message, under the same code.
inline absl::Status Annotate(const absl::Status& status, absl::string_view context) {
  if (status.ok()) return status;
  return absl::Status(status.code(), absl::StrCat(context, ": ", status.message()));
}

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_BASE_STATUS_H_
