// Primers: the ways to say what a generated sequence begins with.
#ifndef MAGENTA_SERVING_GENERATION_PRIMER_H_
#define MAGENTA_SERVING_GENERATION_PRIMER_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "servable/generation/arguments.h"
#include "servable/music/note_sequence.h"

namespace magenta_serving {

// A list or tuple of integers in Python's syntax: "[60, -2, 62]". ValueError naming the place where
// it is not one.
absl::StatusOr<std::vector<int>> ParseIntegerList(absl::string_view text);

// Parses a serialized NoteSequence; `name` is the input that held it. INVALID_ARGUMENT when it is
// not one.
absl::StatusOr<NoteSequence> ParseNoteSequence(absl::string_view name,
                                               absl::string_view serialized);

// The name of the one argument among `names` (all strings) that is not empty; "" when all are.
// INVALID_ARGUMENT when several are given.
absl::StatusOr<std::string> OnlyOneGiven(const Arguments& arguments,
                                         const std::vector<std::string>& names);

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_GENERATION_PRIMER_H_
